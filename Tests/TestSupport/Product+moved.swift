extension Product {
    /// The same with another database, as after a restore into a new server; programs are to be started again.
    package func moved(to postgres: PostgresServer, database: String) -> Product {
        Product(
            redis: redis, postgres: postgres, database: database, directory: directory, ports: ports, http: http)
    }
}

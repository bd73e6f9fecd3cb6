# Empty jobs for Sidekiq 6 (LGPL-3.0, https://github.com/sidekiq/sidekiq; Debian's ruby-sidekiq). With PUSH=1 it adds N of them.
# REDIS_URL and N come from the environment.
require "sidekiq"
require "sidekiq/cli"
Sidekiq.logger.level = Logger::ERROR

class EmptyJob
  include Sidekiq::Worker

  def perform(_number)
  end
end

if ENV["PUSH"]
  (0...ENV.fetch("N").to_i).each_slice(1000) { |slice| Sidekiq::Client.push_bulk("class" => EmptyJob, "args" => slice.map { |number| [number] }) }
end

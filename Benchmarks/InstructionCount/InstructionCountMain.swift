import Glibc
import MicroCases

/// Does one case so many times, for a tool that counts instructions: `InstructionCount NAME TIMES`, `InstructionCount --list`.
@main struct InstructionCountMain {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments == ["--list"] {
            for known in MicroCase.all { print(known.name) }
            return
        }
        guard arguments.count == 2, let times = Int(arguments[1]), times >= 0,
            let wanted = MicroCase.all.first(where: { $0.name == arguments[0] })
        else {
            print("usage: InstructionCount NAME TIMES, with a name out of InstructionCount --list")
            exit(2)
        }
        for _ in 0..<times { wanted.run() }
    }
}

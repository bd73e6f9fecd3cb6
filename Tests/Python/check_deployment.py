"""Checks what the service is deployed with; run by the tests, with the interpreter that scripts/setup makes.

check_deployment.py image PROGRAMS     the Dockerfile: what it copies is there, what the programs in the folder need it installs
check_deployment.py railway            deploy/railway/*.toml and the Procfile: types, commands, times that fit each other
check_deployment.py systemd PROGRAMS   deploy/systemd: systemd itself finds nothing wrong, and little that is exposed
check_deployment.py workflow           .github/workflows/*.yml: everything that is called exists
check_deployment.py migrations FOLDER  the rule of docs/migrations.md: an up script only adds, unless it says otherwise

Ends with 0 and a line of what was looked at, or with 1 and all that is wrong.
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

import dockerfile
import migration_rule
import yaml

root = pathlib.Path(__file__).resolve().parents[2]
problems: list[str] = []
PROGRAMS = ("ingest", "worker", "relay", "operator")
# What every Debian has, and what is linked into the programs of the image.
BASE = {"libc6", "libgcc-s1", "libstdc++6"}
STATIC = re.compile(r"lib(swift|Foundation|_Foundation|dispatch|BlocksRuntime)")


def problem(text: str) -> None:
    problems.append(text)


def output(*words: str, **options) -> str:
    run = subprocess.run(words, capture_output=True, text=True, timeout=60, **options)
    if run.returncode != 0:
        raise SystemExit(f"{' '.join(words)}: {run.stdout}{run.stderr}")
    return run.stdout


def default(name: str) -> str:
    return re.search(rf"^{name}=(.*)$", (root / ".env.example").read_text(), re.M)[1]


def secret_names() -> set[str]:
    """The variables that .env.example says "(secret)" of, in the comment before them."""
    found, comment, names = set(), "", 0
    for line in (root / ".env.example").read_text().splitlines():
        if line.startswith("#"):
            comment = line if names else comment + line
            names = 0
        elif "=" in line:
            names += 1
            if "(secret)" in comment:
                found.add(line.partition("=")[0])
    return found


def library_packages(programs: pathlib.Path) -> set[str]:
    """The Debian packages of the libraries that the programs themselves name."""
    names: set[str] = set()
    for program in PROGRAMS:
        dynamic = output("readelf", "-d", str(programs / program))
        names |= set(re.findall(r"NEEDED.*\[([^\]]+)\]", dynamic))
    if "librdkafka.so.1" in names:
        names.remove("librdkafka.so.1")  # Of the trait Kafka, which is installed by an argument.
    found: set[str] = set()
    for name in sorted(names):
        if STATIC.match(name) or name.startswith("ld-linux"):
            continue
        places = [place for place in ("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu")
                  if (pathlib.Path(place) / name).exists()]
        if not places:
            problem(f"{name} is in no package of this system")
            continue
        lines = [output("dpkg-query", "-S", f"*/{name}")]
        found.add(lines[0].split(":")[0])
    return found


def image(programs: pathlib.Path) -> str:
    build, final = dockerfile.stages(root / "Dockerfile")
    ignored = dockerfile.patterns(root / ".dockerignore")
    copies = 0
    for stage in (build, final):
        for text in stage.all("COPY"):
            copy = dockerfile.copy(text)
            copies += 1
            if copy.source_stage is not None:
                if copy.source_stage != build.name:
                    problem(f"COPY from {copy.source_stage}, which is no stage")
                continue
            for source in copy.sources:
                place = root / source
                if not place.exists():
                    problem(f"COPY {source}: there is no such file or folder")
                    continue
                files = [place] if place.is_file() else [each for each in place.rglob("*") if each.is_file()]
                missing = [str(each.relative_to(root)) for each in files
                           if dockerfile.is_ignored(str(each.relative_to(root)), ignored)]
                if missing:
                    problem(f"COPY {source}: .dockerignore keeps {missing[:3]} away")
    for name in (".env", ".git/config", ".build/debug/ingest", ".dev/otp-secret", "deploy/grafana/x.json"):
        if not dockerfile.is_ignored(name, ignored):
            problem(f".dockerignore lets {name} through")
    wanted = library_packages(programs) - BASE
    given = set(final.packages())
    if wanted - given:
        problem(f"the programs need {sorted(wanted - given)}, which the image does not install")
    # What no program names: certificates of authorities, for TLS.
    if given - wanted - {"ca-certificates"}:
        problem(f"the image installs {sorted(given - wanted - {'ca-certificates'})}, which no program needs")
    setup = (root / "scripts/setup").read_text()
    for package in build.packages():
        if package not in setup:
            problem(f"the Dockerfile builds with {package}, scripts/setup without it")
    if final.all("USER") != ["10001:10001"]:
        problem("the image must end with USER 10001:10001")
    if final.all("STOPSIGNAL") != ["SIGTERM"]:
        problem("the image must be stopped with SIGTERM")
    if dockerfile.command(final.all("CMD")[-1])[0] not in PROGRAMS:
        problem("CMD is none of our programs")
    health = final.all("HEALTHCHECK")[0].partition(" CMD ")[2]
    if dockerfile.command(health) != ["healthcheck"]:
        problem("HEALTHCHECK does not run deploy/healthcheck")
    for program in PROGRAMS:
        if not re.search(rf"for program in [a-z ]*\b{program}\b", " ".join(build.all("RUN"))):
            problem(f"{program} is not built")
    return f"{copies} copies, libraries of {' '.join(sorted(wanted))}"


def railway() -> str:
    grace = int(default("SHUTDOWN_GRACE_SECONDS"))
    types = {
        "startCommand": str, "preDeployCommand": list, "healthcheckPath": str, "healthcheckTimeout": int,
        "restartPolicyType": str, "numReplicas": int, "sleepApplication": bool, "overlapSeconds": int,
        "drainingSeconds": int,
    }
    processes = dict(line.split(": ", 1) for line in (root / "Procfile").read_text().splitlines())
    release = processes.pop("release").removeprefix(".build/release/")
    found = {path.stem: tomllib.loads(path.read_text()) for path in (root / "deploy/railway").glob("*.toml")}
    if set(found) != set(processes):
        problem(f"the Procfile has {sorted(processes)}, deploy/railway {sorted(found)}")
    for name, file in found.items():
        build, deploy = file["build"], file["deploy"]
        if set(file) != {"build", "deploy"} or build["builder"] != "DOCKERFILE":
            problem(f"{name}: build with the DOCKERFILE, deploy, and nothing else")
        if not (root / build["dockerfilePath"]).is_file():
            problem(f"{name}: there is no {build['dockerfilePath']}")
        for pattern in build["watchPatterns"]:
            if not (root / pattern.removesuffix("/**").strip("/")).exists():
                problem(f"{name}: watches {pattern}, where there is nothing")
        for key in types.keys() ^ deploy.keys():
            problem(f"{name}: {key} is missing, or not a setting known here")
        for key, value in deploy.items():
            # A number in quotation marks is refused by Railway, and what follows with it.
            if key in types and type(value) is not types[key]:
                problem(f"{name}: {key} is {value!r}, which is no {types[key].__name__}")
        if any(type(deploy.get(key)) is not kind for key, kind in types.items()):
            continue
        if deploy["startCommand"] != processes.get(name, "").removeprefix(".build/release/"):
            problem(f"{name}: starts {deploy['startCommand']!r}, the Procfile {processes.get(name)!r}")
        if deploy["preDeployCommand"] != [release]:
            problem(f"{name}: is preceded by {deploy['preDeployCommand']}, in the Procfile by {release!r}")
        for command in [deploy["startCommand"], *deploy["preDeployCommand"]]:
            if command.split()[0] not in PROGRAMS:
                problem(f"{name}: {command} is not in the image")
        if deploy["healthcheckPath"] not in ("/ready", "/health") or not 30 <= deploy["healthcheckTimeout"] <= 300:
            problem(f"{name}: the check of health is of a page or a time that does not fit")
        if deploy["restartPolicyType"] != "ALWAYS" or deploy["sleepApplication"] or deploy["numReplicas"] < 1:
            problem(f"{name}: must always run")
        if deploy["drainingSeconds"] < grace + 5:
            problem(f"{name}: is killed {deploy['drainingSeconds']} s after SIGTERM and may need {grace} and some")
    if found["relay"]["deploy"].get("healthcheckPath") != "/health":
        problem("relay: /ready is 503 while events wait, and the release that mends that could not be deployed")
    return f"{len(found)} services"


def systemd(programs: pathlib.Path) -> str:
    grace = int(default("SHUTDOWN_GRACE_SECONDS"))
    known = set(re.findall(r"^([A-Z0-9_]+)=", (root / ".env.example").read_text(), re.M))
    secrets = secret_names()
    folder = root / "deploy/systemd"
    units = sorted(folder.glob("*.service"))
    with tempfile.TemporaryDirectory() as scratch:
        names = []
        for unit in [*units, *folder.glob("*.target")]:
            text = unit.read_text()
            for name in re.findall(r"^ExecStart=/usr/local/bin/(\w+)", text, re.M):
                if name not in PROGRAMS:
                    problem(f"{unit.name} starts {name}, which is none of our programs")
            # systemd wants to find what is started: the programs of this build stand for the installed ones.
            text = text.replace("/usr/local/bin/", f"{programs}/")
            name = unit.name.replace("@", "@3101")
            (pathlib.Path(scratch) / unit.name).write_text(text)
            (pathlib.Path(scratch) / name).write_text(text)
            names.append(name)
        verify = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *[f"{scratch}/{name}" for name in names]],
            capture_output=True, text=True, timeout=60)
        if verify.returncode != 0 or verify.stderr.strip():
            problem(f"systemd-analyze verify: {verify.stderr}")
        for name in names:
            if not name.endswith(".service"):
                continue
            exposure = subprocess.run(
                ["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", f"{scratch}/{name}"],
                capture_output=True, text=True, timeout=60)
            if exposure.returncode != 0:
                problem(f"{name} is exposed by more than 1.5: {exposure.stdout.splitlines()[-1:]}{exposure.stderr}")
    given = re.findall(r"^([A-Z0-9_]+)=", (folder / "environment.example").read_text(), re.M)
    for unit in units:
        text = unit.read_text()
        stop = re.search(r"^TimeoutStopSec=(\d+)$", text, re.M)
        if "Type=exec" in text and (not stop or int(stop[1]) < grace + 5):
            problem(f"{unit.name} is killed before SHUTDOWN_GRACE_SECONDS and some have passed")
        credentials = re.findall(r"^LoadCredential=([a-z-]+):/etc/whatsapp-handler/credentials/([a-z-]+)$", text, re.M)
        for name, file in credentials:
            variable = name.upper().replace("-", "_")
            if name != file or variable not in known or f"Environment={variable}_FILE=%d/{name}" not in text:
                problem(f"{unit.name}: the credential {name} is not given as {variable}_FILE")
            if variable in given:
                problem(f"environment.example holds the secret {variable}")
        for variable in re.findall(r"^Environment=([A-Z0-9_]+)=", text, re.M):
            if variable.removesuffix("_FILE") not in known:
                problem(f"{unit.name} sets {variable}, which nobody reads")
    for variable in given:
        if variable not in known or variable in secrets:
            problem(f"environment.example sets {variable}, which is a secret or not read")
    return f"{len(units)} units"


def workflow() -> str:
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(), re.M))
    commands = 0
    for path in sorted((root / ".github/workflows").glob("*.yml")):
        file = yaml.safe_load(path.read_text())
        if True not in file and "on" not in file:
            problem(f"{path.name} runs on nothing")
        if file.get("permissions") != {"contents": "read"}:
            problem(f"{path.name} may do more than read")
        for name, job in file["jobs"].items():
            if not isinstance(job.get("timeout-minutes"), int):
                problem(f"{path.name}: {name} has no timeout-minutes")
            for needed in [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", []):
                if needed not in file["jobs"]:
                    problem(f"{path.name}: {name} needs {needed}, which is no job")
            for step in job["steps"]:
                if "uses" in step and not re.fullmatch(r"[\w.-]+/[\w./-]+@v\d+(\.\d+)*", step["uses"]):
                    problem(f"{path.name}: {step['uses']} is not pinned to a version")
                for line in step.get("run", "").splitlines():
                    commands += 1
                    for target in re.findall(r"(?:^|&& |; )make ([a-z-]+)", line):
                        if target not in targets:
                            problem(f"{path.name}: there is no make {target}")
                    for script in re.findall(r"(?<![\w/])((?:scripts|deploy|\.ci)/[\w./-]+)", line):
                        if not (root / script).exists():
                            problem(f"{path.name}: there is no {script}")
    if commands < 8:
        problem(f"only {commands} commands were found")
    return f"{commands} commands"


match sys.argv[1:]:
    case ["image", programs]:
        summary = image(pathlib.Path(programs))
    case ["railway"]:
        summary = railway()
    case ["systemd", programs]:
        summary = systemd(pathlib.Path(programs).resolve())
    case ["workflow"]:
        summary = workflow()
    case ["migrations", folder]:
        files = sorted(pathlib.Path(folder).glob("*.up.sql"))
        for file in files:
            problems += [f"{file.name}: {found}" for found in migration_rule.violations(file.read_text(), int(file.name[:4]))]
        if not files:
            problem(f"{folder} holds no migrations")
        summary = f"{len(files)} migrations"
    case other:
        sys.exit(f"{other}: see the first lines of {__file__}")
print("\n".join(problems) or summary)
sys.exit(1 if problems else 0)

"""Plants each fault of mutants.txt in a copy of the kernels and expects the tests to fail.

usage: mutants.py [CC [CFLAGS]]. Ends in "N passed, N failed"; a fault that nobody notices has failed.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
cc = sys.argv[1] if len(sys.argv) > 1 else "cc"
cflags = sys.argv[2] if len(sys.argv) > 2 else "-O1"


def run_tests(copy):
    """True where the tests pass; a fault that does not compile is no fault."""
    build = ["make", "-s", "-C", str(copy / "test"), f"CC={cc}", f"CFLAGS={cflags} -Wno-error"]
    made = subprocess.run(build + ["build/test_kernels"], capture_output=True, text=True)
    if made.returncode != 0:
        sys.exit(made.stderr)
    return subprocess.run([str(copy / "test/build/test_kernels")], capture_output=True).returncode == 0


passed = failed = 0
with tempfile.TemporaryDirectory() as folder:
    copy = pathlib.Path(folder) / "cpu"
    shutil.copytree(here.parent, copy, ignore=shutil.ignore_patterns("build"))
    if not run_tests(copy):
        sys.exit("the tests fail without any fault")
    for line in (here / "mutants.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        name, before, after = (part.strip().replace("\\n", "\n") for part in line.split(" | "))
        path = copy / name
        original = path.read_text()
        if original.count(before) < 1:
            sys.exit(f"{name} no longer holds: {before}")
        path.write_text(original.replace(before, after, 1))
        survived = run_tests(copy)
        path.write_text(original)
        if survived:
            failed += 1
            print(f"SURVIVED {name}: {before} -> {after}", flush=True)
        else:
            passed += 1
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)

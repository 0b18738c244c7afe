"""What the peers of `bench/training` share: options, the clock, optimisers, what they print."""
import argparse
import contextlib
import json
import os
import shutil
import statistics
import sys
import sysconfig
import time

import torch
from torch import nn

GROUP = 4  # steps that bench/training takes between two waits for the device
MISSING = 3  # exit code: this machine or PyTorch lacks what the options ask for


def parser(batch):
    p = argparse.ArgumentParser()
    p.add_argument("--batch", type=int, default=batch)
    p.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--repeat", type=int, default=10)
    p.add_argument("--warmup", type=int, default=3)
    p.add_argument("--limit", type=float, default=float("inf"), metavar="SECONDS",
                   help="a time that has taken so long gets no further call")
    p.add_argument("--channels-last", action="store_true")
    p.add_argument("--compile", default="none", choices=["none", "default", "graphs"],
                   help="torch.compile of each loss, or the same with CUDA graphs (mode reduce-overhead)")
    return p


def leave_out(reason):
    print(reason, file=sys.stderr)
    sys.exit(MISSING)


def require_compiler(args):
    """Exits with MISSING, naming what torch.compile lacks here."""
    option = f"--compile {args.compile} --device {args.device}"
    if not hasattr(torch, "compile"):
        leave_out(f"{option}: PyTorch {torch.__version__} has no torch.compile")
    if args.compile == "graphs" and args.device != "cuda":
        leave_out(f"{option}: CUDA graphs want --device cuda")
    compilers = [os.environ.get("CXX", "g++")] if args.device == "cpu" else [os.environ.get("CC", "gcc"), "clang"]
    if not any(map(shutil.which, compilers)):
        leave_out(f"{option}: torch.compile found no {' and no '.join(compilers)}")
    if args.device == "cuda":
        try:
            import triton  # noqa: F401 (torch.compile writes its kernels in it)
        except ImportError:
            leave_out(f"{option}: torch.compile wants the Python package triton")
        header = os.path.join(sysconfig.get_path("include"), "Python.h")
        if not os.path.exists(header):
            leave_out(f"{option}: torch.compile wants {header}, which Triton's launcher is compiled with")


def prepare(args):
    """Products are TF32 on CUDA, as ours are by default."""
    if args.device == "cuda" and not torch.cuda.is_available():
        leave_out(f"--device cuda: PyTorch {torch.__version__} finds no CUDA device")
    if args.compile != "none":
        require_compiler(args)
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True


def placed(thing, args):
    """A module or a batch of images on the device, in the wanted layout."""
    thing = thing.to(args.device)
    return thing.to(memory_format=torch.channels_last) if args.channels_last else thing


def compiled(args, function):
    """The function of tensors as --compile asks for it."""
    if args.compile == "none":
        return function
    return torch.compile(function, mode="reduce-overhead" if args.compile == "graphs" else None)


def begin_update(args, optimizer):
    """No gradients, and no tensor of the last update is wanted: CUDA graphs may use their memory again."""
    if args.compile == "graphs":
        torch.compiler.cudagraph_mark_step_begin()
    optimizer.zero_grad(set_to_none=True)


@contextlib.contextmanager
def frozen(module):
    """Inside, nobody wants the gradients of the module's own parameters."""
    module.requires_grad_(False)
    try:
        yield
    finally:
        module.requires_grad_(True)


def adam(parameters, rate, betas, epsilon=1e-8):
    """All tensors in one call where this PyTorch can: its fastest."""
    parameters = list(parameters)
    try:
        return torch.optim.Adam(parameters, rate, betas, epsilon, fused=True)
    except (RuntimeError, TypeError):  # PyTorch 1.13: on CUDA only
        return torch.optim.Adam(parameters, rate, betas, epsilon)


def as_maps(row, channels, args):
    """A dense layer's row as square maps. Channels-last reads the same numbers pixel by pixel: no copy."""
    side = round((row.shape[1] / channels) ** 0.5)
    if args.channels_last:
        return row.view(-1, side, side, channels).permute(0, 3, 1, 2)
    return row.view(-1, channels, side, side)


class DenseMaps(nn.Module):
    """A dense layer from noise to square maps."""

    def __init__(self, args, latent, channels, side, bias=True):
        super().__init__()
        self.args, self.channels = args, channels
        self.dense = nn.Linear(latent, side * side * channels, bias=bias)

    def forward(self, z):
        return as_maps(self.dense(z), self.channels, self.args)


def count(module):
    return sum(p.numel() for p in module.parameters())


def note_call():
    """A line for each call, so that who waits sees that this has not stopped."""
    print("{}", flush=True)


def seconds_of(work, calls, wait):
    """Seconds of so many calls, the device's work included."""
    wait()
    start = time.perf_counter()
    for _ in range(calls):
        work()
    wait()
    seconds = time.perf_counter() - start
    note_call()
    return seconds


def median_seconds(args, work):
    """Per call, of at least --repeat calls after --warmup ones; at least of one, the first where it took
    --limit. On CUDA a time is that of GROUP calls, as in bench/training: a wait after each would be timed
    with it, and more than short steps themselves."""
    cuda = args.device == "cuda"
    wait, group = (torch.cuda.synchronize, GROUP) if cuda else (lambda: None, 1)
    groups = [1] * args.warmup + [group] * -(-args.repeat // group)
    times, total = [], 0.0
    for i, calls in enumerate(groups):
        seconds = seconds_of(work, calls, wait)
        total += seconds
        if i >= args.warmup or total >= args.limit:
            times.append(seconds / calls)
        if total >= args.limit:
            break
    return statistics.median(times)


def report(args, parameters, **works):
    """Times each of `works` and prints one JSON object with the seconds so far after each, so that the
    last line says all; the times have the names that `bench/training` gives them."""
    layout = "channels_last" if args.channels_last else "contiguous"
    result = {"peer": "pytorch", "version": torch.__version__, "layout": layout, "compile": args.compile,
              "device": args.device, "threads": args.threads, "batch": args.batch, "parameters": parameters}
    note_call()
    for name, work in works.items():
        result[name] = median_seconds(args, work)
        print(json.dumps(result), flush=True)

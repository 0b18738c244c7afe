"""What the peers of `bench/training` share: options, the clock, optimisers, what they print."""
import argparse
import json
import statistics
import time

import torch


def parser(batch):
    p = argparse.ArgumentParser()
    p.add_argument("--batch", type=int, default=batch)
    p.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--repeat", type=int, default=10)
    p.add_argument("--warmup", type=int, default=3)
    p.add_argument("--channels-last", action="store_true")
    return p


def prepare(args):
    """Products are TF32 on CUDA, as ours are by default."""
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True


def placed(thing, args):
    """A module or a batch of images on the device, in the wanted layout."""
    thing = thing.to(args.device)
    return thing.to(memory_format=torch.channels_last) if args.channels_last else thing


def adam(parameters, rate, betas, epsilon=1e-8):
    """All tensors in one call where this PyTorch can: its fastest."""
    parameters = list(parameters)
    try:
        return torch.optim.Adam(parameters, rate, betas, epsilon, fused=True)
    except (RuntimeError, TypeError):  # PyTorch 1.13: on CUDA only
        return torch.optim.Adam(parameters, rate, betas, epsilon)


def count(module):
    return sum(p.numel() for p in module.parameters())


def median_seconds(args, work):
    wait = torch.cuda.synchronize if args.device == "cuda" else lambda: None
    times = []
    for i in range(args.warmup + args.repeat):
        wait()
        start = time.perf_counter()
        work()
        wait()
        if i >= args.warmup:
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def report(args, parameters, **seconds):
    """Prints one JSON object; the times have the names that `bench/training` gives them."""
    layout = "channels_last" if args.channels_last else "contiguous"
    print(json.dumps({"peer": "pytorch", "version": torch.__version__, "layout": layout, "device": args.device,
                      "threads": args.threads, "batch": args.batch, "parameters": parameters, **seconds}))

"""Checking files in several processes, so that a file that kills or stalls the parser costs only itself."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

from mllint.engine.result import FileResult
from mllint.engine.worker import GroupSpec, Worker
from mllint.rule.manifest import manifest_dir
from mllint.rule.registry import Registries
from mllint.source.unit import Problem

_CHUNK_BYTES = 300_000
_CHUNK_FILES = 40
#: Seconds that a chunk may take before its process counts as stuck; LibCST parses about 16,000 lines a second.
_CHUNK_SECONDS = 180.0
_FILE_SECONDS = 60.0


class Chunk(NamedTuple):
    """Some files of one group, small enough to balance the processes."""

    group: int
    start: int
    jobs: tuple[tuple[Path, str], ...]


def check_in_processes(
    groups: Sequence[tuple[GroupSpec, Sequence[tuple[Path, str]]]], processes: int
) -> list[FileResult]:
    """Check the files of all groups; results come in the order of the files.

    A process that dies or hangs is replaced, and its chunk is checked again file by file to find the file to blame,
    which gets one diagnostic.
    """
    specs = [spec for spec, _ in groups]
    chunks = [chunk for index, (_, jobs) in enumerate(groups) for chunk in _chunks(index, jobs)]
    results: dict[Chunk, list[FileResult]] = {}
    waiting = list(chunks)
    while waiting:
        suspect = _check_chunks(specs, waiting, processes, results)
        if suspect is not None:
            results[suspect] = _check_one_by_one(specs, suspect)
        waiting = [chunk for chunk in waiting if chunk not in results]
    return [file for chunk in chunks for file in results[chunk]]


def _check_chunks(
    specs: Sequence[GroupSpec], chunks: Sequence[Chunk], processes: int, results: dict[Chunk, list[FileResult]]
) -> Chunk | None:
    """Check chunks until all are done or a process dies or hangs; returns the first chunk without a result then."""
    executor = _executor(specs, min(processes, len(chunks)))
    try:
        futures: dict[Chunk, Future[list[FileResult]]] = {
            chunk: executor.submit(_check_chunk, chunk.group, chunk.jobs) for chunk in chunks
        }
        for chunk, future in futures.items():
            try:
                # Chunks are begun in order, so this one is running at the latest now that those before it are done.
                results[chunk] = future.result(timeout=_CHUNK_SECONDS)
            except (BrokenProcessPool, FutureTimeoutError):
                finished = {c: f for c, f in futures.items() if f.done() and f.exception() is None}
                results.update({c: f.result() for c, f in finished.items()})
                return chunk
        return None
    finally:
        _stop(executor)


def _chunks(group: int, jobs: Sequence[tuple[Path, str]]) -> list[Chunk]:
    chunks: list[Chunk] = []
    start, size = 0, 0
    for index, (path, _) in enumerate(jobs):
        try:
            size += path.stat().st_size
        except OSError:
            size += 1
        if size >= _CHUNK_BYTES or index + 1 - start >= _CHUNK_FILES:
            chunks.append(Chunk(group, start, tuple(jobs[start : index + 1])))
            start, size = index + 1, 0
    if start < len(jobs):
        chunks.append(Chunk(group, start, tuple(jobs[start:])))
    return chunks


def _check_one_by_one(specs: Sequence[GroupSpec], chunk: Chunk) -> list[FileResult]:
    results: list[FileResult] = []
    registries = Registries(manifest_dir())
    executor = _executor(specs, 1)
    try:
        for path, name in chunk.jobs:
            try:
                results += executor.submit(_check_chunk, chunk.group, [(path, name)]).result(timeout=_FILE_SECONDS)
            except (BrokenProcessPool, FutureTimeoutError) as error:
                _stop(executor)
                executor = _executor(specs, 1)
                what = "did not end" if isinstance(error, FutureTimeoutError) else "killed its process"
                problem = Problem("too-complex", f"Not analysed: checking this file {what}")
                results.append(_worker(specs[chunk.group], registries).report_problem(path, name, problem))
    finally:
        _stop(executor)
    return results


def _executor(specs: Sequence[GroupSpec], processes: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(max(processes, 1), mp_context=context, initializer=_start, initargs=(list(specs),))


def _stop(executor: ProcessPoolExecutor) -> None:
    """End an executor without waiting for a process that hangs."""
    processes = list((executor._processes or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()


_specs: list[GroupSpec] = []
_workers: dict[int, Worker] = {}
_registries = Registries(manifest_dir())


def _start(specs: list[GroupSpec]) -> None:
    _specs[:] = specs
    _workers.clear()


def _check_chunk(group: int, jobs: Sequence[tuple[Path, str]]) -> list[FileResult]:
    worker = _workers.get(group)
    if worker is None:
        worker = _workers[group] = _worker(_specs[group], _registries)
    return worker.check_files(jobs)


def _worker(spec: GroupSpec, registries: Registries) -> Worker:
    return Worker(spec, registries.get(spec.settings, spec.python_rules))

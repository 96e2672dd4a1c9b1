/**
 * What both servers of the bench tell about their own process: port, CPU time, memory, profiles.
 *
 * Memory comes from Linux's /proc where there is one, where the peak can also be set back; elsewhere
 * the peak is that of the whole life of the process.
 *
 * Callers: postern-server.mjs here and in ../policy, smtp-server.mjs. Needs --expose-gc for `settle`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { writeHeapSnapshot } from 'node:v8';
import { answer } from './answers.mjs';

const STATUS = '/proc/self/status';
const HAS_PROC = existsSync(STATUS);
const COLLECTIONS = 4;

function kilobytesOf(name) {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(STATUS, 'utf8'))?.[1]);
}

function usage() {
  const { user, system } = process.cpuUsage();
  return {
    cpuMs: (user + system) / 1000,
    rssKb: HAS_PROC ? kilobytesOf('VmRSS') : process.memoryUsage.rss() / 1024,
    peakKb: HAS_PROC ? kilobytesOf('VmHWM') : process.resourceUsage().maxRSS,
    heapKb: process.memoryUsage().heapUsed / 1024,
  };
}

/** What is left when everything that can go has gone. */
async function settle() {
  for (let i = 0; i < COLLECTIONS; i += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return usage();
}

function resetPeak() {
  // 5 sets the peak back to what is in use now; see proc(5).
  if (HAS_PROC) writeFileSync('/proc/self/clear_refs', '5');
  return usage();
}

const inspector = new Session();

async function startProfile() {
  inspector.connect();
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.setSamplingInterval', { interval: 200 });
  await inspector.post('Profiler.start');
}

async function stopProfile(file) {
  const { profile } = await inspector.post('Profiler.stop');
  inspector.disconnect();
  writeFileSync(file, JSON.stringify(profile));
}

/** Answers for a server that listens on `port` of the loopback address; `more` are questions of its own. */
export function serve(port, more = {}) {
  answer({
    port: () => port,
    usage,
    settle,
    resetPeak,
    startProfile,
    stopProfile,
    snapshot: (file) => writeHeapSnapshot(file),
    ...more,
  });
}

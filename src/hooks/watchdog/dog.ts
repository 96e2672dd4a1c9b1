/**
 * The watchdog thread: finds a policy that holds the main thread in a loop.
 *
 * It reads the heart beat in shared memory. When the beat has stood still for too long it pauses
 * the main thread through the inspector, reads the call frames, and so knows the very line; where
 * the inspector is of no use it falls back to the mark of the handler that was last given control.
 * The report goes to a file and to standard error by synchronous writes, because the main thread
 * cannot be asked for anything. Then the process ends itself if a supervisor is there to replace
 * it; otherwise the report is sent to the main thread, which reads it when the loop is over.
 *
 * Callers: hooks/watchdog/watchdog starts it. Compiled entry of a worker thread.
 */
import { writeFileSync, writeSync } from 'node:fs';
import { type Debugger, Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { BlockedReport, DogOptions, MarkRow, ToDog } from './report.js';
import { BEAT, LATEST, MARK } from './watch.js';

const options = workerData as DogOptions;
const words = new Int32Array(options.memory);
const CHECK_MS = 50;
/** How long the inspector may take to pause a thread; a native call cannot be paused at all. */
const PAUSE_MS = 3000;

let marks: readonly MarkRow[] = [];
let lastBeat = -1;
let silentMs = 0;
let reported = false;

interface Frame {
  readonly file: string;
  readonly line: number;
  readonly name: string;
}

function pathOf(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url) : url;
}

/** The main thread's frames, innermost first; empty when it could not be paused. */
function framesOfMain(): Promise<readonly Frame[]> {
  return new Promise((resolve) => {
    const session = new Session();
    const urls = new Map<string, string>();
    const finish = (frames: readonly Frame[]): void => {
      clearTimeout(timer);
      session.disconnect();
      resolve(frames);
    };
    const timer = setTimeout(() => {
      finish([]);
    }, PAUSE_MS);
    session.connectToMainThread();
    session.on('Debugger.scriptParsed', ({ params }) => {
      urls.set(params.scriptId, params.url);
    });
    session.on('Debugger.paused', ({ params }) => {
      const frames = params.callFrames.map((frame: Debugger.CallFrame) => ({
        file: pathOf(urls.get(frame.location.scriptId) ?? frame.url),
        line: frame.location.lineNumber + 1,
        name: frame.functionName,
      }));
      session.post('Debugger.resume', () => {
        finish(frames);
      });
    });
    session.post('Debugger.enable', () => {
      session.post('Debugger.pause');
    });
  });
}

/** Who had control when the alarm was raised, and who had it last. */
interface Noted {
  readonly marked: MarkRow | undefined;
  readonly latest: MarkRow | undefined;
}

/**
 * Whose handler runs in that file. One that goes on after waiting is not marked; then its event is
 * among the frames, and of several policies in the file it is most likely the latest that ran.
 */
function ownerIn(file: string, frames: readonly Frame[], { marked, latest }: Noted): MarkRow | undefined {
  if (marked?.file === file) return marked;
  const rows = marks.filter((row) => row.file === file);
  const named = rows.filter((row) => frames.some((frame) => frame.name === row.event));
  return named.find((row) => row === latest) ?? named[0] ?? rows.find((row) => row === latest) ?? rows[0];
}

/** Whose line it is: the frame in a policy's file tells most, the mark the rest. */
function identify(frames: readonly Frame[], noted: Noted, ms: number): BlockedReport {
  const frame = frames.find((candidate) => marks.some((row) => row.file === candidate.file));
  const owner = frame === undefined ? noted.marked : ownerIn(frame.file, frames, noted);
  return {
    policy: owner?.policy ?? '',
    event: owner?.event ?? '',
    at: frame === undefined ? '' : `${frame.file}:${frame.line}`,
    ms: Math.round(ms),
    pid: options.pid,
    time: Date.now(),
  };
}

/** A full disk or a closed pipe must not keep a blocked process alive. */
function tryTo(write: () => void): void {
  try {
    write();
  } catch {
    // Standard error may be the very thing that cannot be written; there is nobody else to tell.
  }
}

async function alarm(ms: number): Promise<void> {
  const noted = { marked: marks[(words[MARK] ?? 0) - 1], latest: marks[(words[LATEST] ?? 0) - 1] };
  const report = identify(await framesOfMain(), noted, ms);
  const line = {
    ...report,
    level: 'error',
    time: new Date(report.time).toISOString(),
    msg: 'the main thread is blocked',
  };
  tryTo(() => writeSync(2, `${JSON.stringify(line)}\n`));
  if (options.reportFile !== '') {
    tryTo(() => {
      writeFileSync(options.reportFile, JSON.stringify(report));
    });
  }
  if (options.kill) process.kill(options.pid, 'SIGKILL');
  else parentPort?.postMessage(report);
}

function check(): void {
  const beat = words[BEAT] ?? 0;
  if (beat !== lastBeat) {
    lastBeat = beat;
    silentMs = 0;
    reported = false;
    return;
  }
  silentMs += CHECK_MS;
  if (silentMs < options.afterMs || reported) return;
  reported = true;
  alarm(silentMs).catch((error: unknown) => {
    writeSync(2, `${JSON.stringify({ level: 'error', msg: 'the watchdog failed', error: String(error) })}\n`);
  });
}

const timer = setInterval(check, CHECK_MS);
parentPort?.on('message', (message: ToDog) => {
  if (message.kind === 'marks') marks = message.marks;
  else {
    clearInterval(timer);
    parentPort?.close();
  }
});

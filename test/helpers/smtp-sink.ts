/**
 * Postfix's smtp-sink on a free loopback port: a next hop that is not ours, and keeps what it gets.
 *
 *     const sink = await startSmtpSink(program, { protocol: 'lmtp' });
 *     ... sink.url ... sink.messages() ...
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { eventually } from './eventually.js';
import { freePort } from './start-postern.js';
import { tempFolder } from './temp-folder.js';

export interface SinkOptions {
  readonly protocol: 'smtp' | 'lmtp';
  /** Further words for its command line, such as `-f rcpt` to refuse RCPT for good. */
  readonly words?: readonly string[];
}

export interface SinkMessage {
  /** What stood behind MAIL, such as `FROM:<a@b> SIZE=3`. */
  readonly mail: string;
  readonly recipients: readonly string[];
  /** Header and body as octets, LF line ends. */
  readonly content: string;
}

export interface SmtpSink {
  readonly url: string;
  /** Messages whose data was complete. */
  messages(): readonly SinkMessage[];
  stop(): Promise<void>;
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

function readDump(file: string): SinkMessage | undefined {
  const lines = readFileSync(file, 'latin1').split('\n');
  const end = lines.findIndex((line) => line.startsWith('Received: '));
  // It writes the envelope first; a file without content is still under way, or was a probe.
  if (end < 0) return undefined;
  const begin = lines.findIndex((line, index) => index > end && !/^[ \t]/.test(line));
  const values = (name: string): string[] =>
    lines
      .slice(0, end)
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2));
  return {
    mail: values('X-Mail-Args')[0] ?? '',
    recipients: values('X-Rcpt-Args'),
    // It ends the file with an empty line of its own.
    content: lines.slice(begin, -1).join('\n'),
  };
}

export async function startSmtpSink(program: string, options: SinkOptions): Promise<SmtpSink> {
  const folder = tempFolder();
  // It gives up the rights of root, and must still write its files.
  chmodSync(folder, 0o777);
  const port = await freePort();
  const child = spawn(
    program,
    [
      ...(process.getuid?.() === 0 ? ['-u', 'nobody'] : []),
      ...(options.protocol === 'lmtp' ? ['-L'] : []),
      ...(options.words ?? []),
      ...['-d', join(folder, 'mail.'), `127.0.0.1:${port}`, '10'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  };
  onTestFinished(stop);
  await eventually('smtp-sink to greet', () => greets(port), { about: () => output });
  return {
    url: `${options.protocol}://127.0.0.1:${port}`,
    messages: () =>
      readdirSync(folder)
        .sort()
        .flatMap((name) => readDump(join(folder, name)) ?? []),
    stop,
  };
}

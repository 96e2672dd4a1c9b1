/**
 * Logger on pino: JSON lines for machines, short text lines for a terminal.
 *
 * Control characters in values are escaped by JSON in both forms, so a client cannot forge a
 * line. Writes are buffered for a moment and flushed at exit.
 *
 * Callers: app. A log that cannot be written never stops mail.
 */
import { Writable } from 'node:stream';
import { destination, pino, type Logger as PinoLogger } from 'pino';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'text' | 'json';
}

function adapt(target: PinoLogger): Logger {
  return {
    debug: (message, fields = {}) => {
      target.debug(fields, message);
    },
    info: (message, fields = {}) => {
      target.info(fields, message);
    },
    warn: (message, fields = {}) => {
      target.warn(fields, message);
    },
    error: (message, fields = {}) => {
      target.error(fields, message);
    },
    child: (fields) => adapt(target.child(fields)),
  };
}

/** `07:40:12 warn  text  key=value` from one JSON line. */
function textLine(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${[String(msg), ...pairs].join('  ')}\n`;
}

function textStream(): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const lines = chunk.toString('utf8').split('\n').filter(Boolean);
      process.stderr.write(lines.map(textLine).join(''));
      done();
    },
  });
}

export function createLogger({ level, format }: LogOptions, clock: Clock): Logger {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return adapt(pino(options, format === 'json' ? destination({ fd: 2, sync: true }) : textStream()));
}

/**
 * Logger on pino: JSON lines for machines, short text lines for a terminal.
 *
 * Control characters in values are escaped by JSON in both forms, so a client cannot forge a
 * line. Each line is written at once.
 *
 * Callers: app. A log that cannot be written never stops mail.
 */
import { destination, type DestinationStream, pino, type Logger as PinoLogger } from 'pino';
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

/** Lines that may wait in memory while standard error takes none; what comes after them is lost. */
const MOST_WAITING = 1024 * 1024;

/** Standard error: written at once, and whatever becomes of it nobody else is troubled. */
function standardError(): DestinationStream {
  const stream = destination({ fd: 2, sync: true, maxLength: MOST_WAITING });
  stream.on('error', () => {
    // A full disk or a closed pipe: there is no other place to say so.
  });
  return stream;
}

export function createLogger({ level, format }: LogOptions, clock: Clock): Logger {
  const out = standardError();
  const stream = format === 'json' ? out : { write: (line: string) => out.write(textLine(line)) };
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return adapt(pino(options, stream));
}

/**
 * Errors of ours: a stable code, what was wrong, where, and what to do.
 *
 * Match on `code`, never on the text or the class; classes exist only where callers treat them
 * differently. Texts come from the table in `error-table.ts`, so that the reference page and the
 * message cannot drift apart. Expected outcomes (listed, SPF fail, a peer's 4xx) are values and
 * never come here.
 *
 * Callers: every tier.
 */
import { ERRORS, type ErrorCode } from './error-table.js';

export type ErrorDetail = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ErrorOptions {
  readonly cause?: unknown;
  readonly detail?: ErrorDetail;
}

/** Fills `{name}` in a template of the table; a name without a value stays as it is. */
function fill(template: string, detail: ErrorDetail): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = detail[name];
    return value === undefined ? whole : String(value);
  });
}

export class EngineError extends Error {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;
  /** Whether the same action may succeed later without anybody changing anything. */
  readonly temporary: boolean;

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    const row = ERRORS[code];
    const detail = options.detail ?? {};
    super(fill(row.message, detail), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.detail = detail;
    this.temporary = row.temporary;
  }

  /** What the reader should do about it, from the table. */
  get hint(): string {
    return fill(ERRORS[this.code].hint, this.detail);
  }
}

/** The configuration cannot be used; the process refuses to start. */
export class ConfigError extends EngineError {}
/** A policy file cannot be loaded; start is refused, or a reload keeps the previous set. */
export class PolicyLoadError extends EngineError {}
/** A handler misused a variable; the handler has failed. */
export class PolicyVariableError extends EngineError {}
/** A handler misused a method; the handler has failed. */
export class PolicyMethodError extends EngineError {}
/** The queue cannot take or give a message; input is refused for now. */
export class QueueError extends EngineError {}
/** A promise of the program itself is broken: a bug. The session answers 451 and goes on. */
export class InvariantError extends EngineError {}

/** Narrow an unknown error by code, across duplicate installs of the package. */
export function isEngineError(error: unknown, code?: ErrorCode): error is EngineError {
  if (!(error instanceof Error) || !('code' in error) || !('detail' in error)) return false;
  return code === undefined ? typeof error.code === 'string' && error.code in ERRORS : error.code === code;
}

/** The text of anything that was thrown; never throws itself, whatever it is given. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  try {
    return String(error);
  } catch {
    // An object without a text of its own, such as one without prototype.
    return Object.prototype.toString.call(error);
  }
}

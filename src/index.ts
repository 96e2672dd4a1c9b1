/**
 * What host programs import as `postern`.
 *
 * `createEngine` runs the same engine as `postern start`, inside the program that calls it.
 * Re-exports only. Policies may also be imported from `postern/policy`, which loads nothing else.
 */
export { createEngine, type Engine, type EngineOptions } from './app/create-engine.js';
export type { Config, ConfigInput } from './app/config-types.js';
export { EngineError, isEngineError } from './core/errors.js';
export type { ErrorCode } from './core/error-table.js';
export { definePolicy, rule } from './hooks/define-policy.js';
export type { FactMap, FactName } from './core/facts.js';
export type { Logger, LogFields } from './core/log.js';

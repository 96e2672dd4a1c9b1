/**
 * What runs one operation: reads and writes the tables, inside the transaction of its batch.
 *
 * Callers: sqlite/operations and sqlite/check-operations implement it, sqlite/database calls it.
 */
import type { OperationName, Operations } from './protocol.js';
import type { Statements } from './statements.js';

export interface Result<K extends OperationName> {
  readonly value: Operations[K]['answer'];
  readonly blobs?: readonly Uint8Array[];
}

export type Handler<K extends OperationName> = (
  sql: Statements,
  args: Operations[K]['arguments'],
  blobs: readonly Uint8Array[],
) => Result<K>;

/**
 * Tables of the embedded queue, and how an older file becomes a current one.
 *
 * `entries` holds what changes (small rows, rewritten at each attempt), `content` what does not
 * (record, header and small bodies, written once and deleted once), so that a retry does not
 * rewrite a message. `due` is, in every state, the moment at which the entry is looked at next:
 * the next attempt, or the end of the lease. `greylist`, `greylist_networks` and `rates` are the
 * memory of the checks; `check_sizes` counts their rows, because counting them would read them all.
 * A file of a later version is refused, never changed.
 *
 * Callers: sqlite/database.
 */
import type { Database } from 'better-sqlite3';
import { QueueError } from '../../core/errors.js';
import type { EntryState } from '../store.js';

/** The number of each state in the `state` column; part of the file format. */
export const STATE_NUMBERS: Readonly<Record<EntryState, number>> = {
  waiting: 0,
  'in-flight': 1,
  parked: 2,
  held: 3,
};

/** Step n brings a file from version n to version n + 1. Released steps never change. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state INTEGER NOT NULL,
    held INTEGER NOT NULL,
    due INTEGER NOT NULL,
    owner TEXT NOT NULL,
    fence INTEGER NOT NULL,
    crashes INTEGER NOT NULL,
    sender TEXT NOT NULL,
    received INTEGER NOT NULL,
    size INTEGER NOT NULL,
    body_in_file INTEGER NOT NULL,
    reason TEXT NOT NULL,
    recipients BLOB NOT NULL
  ) STRICT;
  CREATE INDEX entries_by_due ON entries (state, due);
  CREATE TABLE content (
    seq INTEGER PRIMARY KEY,
    record BLOB NOT NULL,
    header BLOB NOT NULL,
    body BLOB
  ) STRICT;
  CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    version INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE greylist (
    key TEXT PRIMARY KEY,
    first_seen INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX greylist_by_expiry ON greylist (confirmed, expires);
  CREATE TABLE greylist_networks (
    network TEXT PRIMARY KEY,
    confirmed INTEGER NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX greylist_networks_by_expiry ON greylist_networks (expires);
  CREATE TABLE rates (
    key TEXT NOT NULL,
    window INTEGER NOT NULL,
    base INTEGER NOT NULL,
    runs BLOB NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (key, window)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX rates_by_expiry ON rates (expires);
  CREATE TABLE check_sizes (
    name TEXT PRIMARY KEY,
    n INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO check_sizes VALUES ('greylist', 0), ('networks', 0), ('rates', 0);
  `,
  // The confirmed ones among the triplets.
  `
  INSERT INTO check_sizes SELECT 'confirmed', count(*) FROM greylist WHERE confirmed = 1;
  `,
];

function versionOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/** Throws ERR_QUEUE_VERSION for a file of a later version, which is not to be touched. */
export function refuseLater(db: Database): void {
  const found = versionOf(db);
  if (found <= MIGRATIONS.length) return;
  throw new QueueError('ERR_QUEUE_VERSION', { detail: { file: db.name, found, known: MIGRATIONS.length } });
}

/** For readers, who migrate nothing: throws unless the file is of this very version. */
export function requireCurrent(db: Database): void {
  refuseLater(db);
  if (versionOf(db) === MIGRATIONS.length) return;
  throw new Error(`${db.name} was written by an older Postern; the next start brings it up to date`);
}

/** Brings the file to the current version; a crash in between leaves the old one. */
export function migrate(db: Database): void {
  if (versionOf(db) === MIGRATIONS.length) return;
  // Asked again inside the transaction: another process may have migrated in between.
  db.transaction(() => {
    refuseLater(db);
    for (const step of MIGRATIONS.slice(versionOf(db))) db.exec(step);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  }).immediate();
}

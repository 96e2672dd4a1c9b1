/**
 * The SQL of greylist and rate counters.
 *
 * Callers: sqlite/statements, which prepares it with the rest. Whatever takes rows away takes them
 * in the order of an index and no more than it is told, so that no statement is long.
 */

export type CheckStatementName =
  | 'triplet'
  | 'putTriplet'
  | 'network'
  | 'putNetwork'
  | 'rate'
  | 'putRate'
  | 'updateRate'
  | 'sizeOf'
  | 'addSize'
  | 'evictTriplets'
  | 'evictNetworks'
  | 'evictRates'
  | 'sweepTriplets'
  | 'sweepNetworks'
  | 'sweepRates';

export const CHECK_SQL: Readonly<Record<CheckStatementName, string>> = {
  triplet: 'SELECT first_seen AS firstSeen, confirmed, expires FROM greylist WHERE key = ?',
  putTriplet:
    'INSERT INTO greylist (key, first_seen, confirmed, expires) VALUES (?, ?, ?, ?) ON CONFLICT (key) ' +
    'DO UPDATE SET first_seen = excluded.first_seen, confirmed = excluded.confirmed, expires = excluded.expires',
  network: 'SELECT confirmed, expires FROM greylist_networks WHERE network = ?',
  putNetwork:
    'INSERT INTO greylist_networks (network, confirmed, expires) VALUES (?, ?, ?) ON CONFLICT (network) ' +
    'DO UPDATE SET confirmed = excluded.confirmed, expires = excluded.expires',
  rate: 'SELECT base, runs, expires FROM rates WHERE key = ? AND window = ?',
  putRate:
    'INSERT INTO rates (key, window, base, runs, expires) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key, window) ' +
    'DO UPDATE SET base = excluded.base, runs = excluded.runs, expires = excluded.expires',
  // Leaves `expires` alone, and with it the index.
  updateRate: 'UPDATE rates SET base = ?, runs = ? WHERE key = ? AND window = ?',
  sizeOf: 'SELECT n FROM check_sizes WHERE name = ?',
  addSize: 'UPDATE check_sizes SET n = n + ? WHERE name = ?',
  evictTriplets:
    'DELETE FROM greylist WHERE key IN (SELECT key FROM greylist WHERE confirmed = ? ORDER BY expires LIMIT ?)',
  evictNetworks:
    'DELETE FROM greylist_networks WHERE network IN (SELECT network FROM greylist_networks ORDER BY expires LIMIT ?)',
  evictRates:
    'DELETE FROM rates WHERE (key, window) IN (SELECT key, window FROM rates ORDER BY expires LIMIT ?)',
  sweepTriplets:
    'DELETE FROM greylist WHERE key IN (SELECT key FROM greylist WHERE confirmed = ? AND expires <= ? LIMIT ?)',
  sweepNetworks:
    'DELETE FROM greylist_networks WHERE network IN (SELECT network FROM greylist_networks WHERE expires <= ? LIMIT ?)',
  sweepRates:
    'DELETE FROM rates WHERE (key, window) IN (SELECT key, window FROM rates WHERE expires <= ? LIMIT ?)',
};

/**
 * Every error code: text, what to do, and whether waiting helps.
 *
 * The reference page `docs/reference/errors.md` is generated from this table. `{name}` is filled
 * from the error's detail. A code, once released, keeps its meaning; a retired one goes to
 * RETIRED and is never used again.
 */

export interface ErrorRow {
  readonly message: string;
  readonly hint: string;
  readonly temporary: boolean;
}

export const ERRORS = {
  ERR_CONFIG_FILE: {
    message: '{file}: cannot be read: {reason}',
    hint: 'Check the path given with --config and the permissions of the file.',
    temporary: false,
  },
  ERR_CONFIG_SYNTAX: {
    message: '{file}:{line}: not valid YAML: {reason}',
    hint: 'Mend the line; indentation is by spaces.',
    temporary: false,
  },
  ERR_CONFIG_UNKNOWN_KEY: {
    message: '{file}:{line}: unknown setting "{key}"{suggestion}',
    hint: 'docs/reference/config.md lists every setting.',
    temporary: false,
  },
  ERR_CONFIG_VALUE: {
    message: '{file}:{line}: {key}: {reason}',
    hint: 'docs/reference/config.md lists every setting with its type, range and default.',
    temporary: false,
  },
  ERR_CONFIG_ENVIRONMENT: {
    message: 'environment variable {name}: {reason}',
    hint: 'Unset it, or give a value that docs/reference/config.md allows for the setting.',
    temporary: false,
  },
  ERR_CONFIG_OPTION: {
    message: '{name}: {reason}',
    hint: 'docs/reference/config.md lists every setting with its type, range and default.',
    temporary: false,
  },
  ERR_SETTINGS_FILE: {
    message: '{file}: cannot be read: {reason}',
    hint: 'Check the path in settingsFile of postern.yaml and the permissions of the file.',
    temporary: false,
  },
  ERR_SETTINGS_UNKNOWN: {
    message: '{file}:{line}: unknown setting "{key}"{suggestion}',
    hint: 'docs/reference/settings.md lists every setting of the settings file.',
    temporary: false,
  },
  ERR_SETTINGS_VALUE: {
    message: '{file}:{line}: {key}: {reason}',
    hint: 'docs/reference/settings.md lists every setting of the settings file with its values.',
    temporary: false,
  },
  ERR_DNS_SERVER: {
    message: '"{server}" is not the address of a DNS server',
    hint: 'Write 192.0.2.1, 192.0.2.1:5353, 2001:db8::1 or [2001:db8::1]:5353.',
    temporary: false,
  },
  ERR_DATA_DIR: {
    message: 'the data directory {dir} cannot be used: {reason}',
    hint: 'Set dataDir to a folder that the user of this process may write to.',
    temporary: false,
  },
  ERR_LISTEN: {
    message: 'cannot listen on {address}: {reason}',
    hint: 'Stop the other program, choose another port in postern.yaml, or use one above 1023.',
    temporary: true,
  },
  ERR_POLICY_IMPORT: {
    message: '{file}{position}: {reason}',
    hint: 'Mend the file; the previous set of policies stays in force until it loads.',
    temporary: false,
  },
  ERR_POLICY_PATH: {
    message: '{file}: there is no such policy file or folder',
    hint: 'Create it, or name others in the setting policies; an empty list runs none.',
    temporary: false,
  },
  ERR_POLICY_SHAPE: {
    message: '{file}: {reason}',
    hint: 'A policy file exports, by default, definePolicy({...}) or an array of policies.',
    temporary: false,
  },
  ERR_POLICY_UNKNOWN_EVENT: {
    message: '{file}: policy "{policy}" has an unknown event or property "{name}"{suggestion}',
    hint: 'docs/reference/events.md lists the events.',
    temporary: false,
  },
  ERR_POLICY_DUPLICATE: {
    message: '{file}: policy name "{policy}" is already used in {other}',
    hint: 'Give each policy its own name; traces and counters are kept by name.',
    temporary: false,
  },
  ERR_POLICY_READ_ONLY: {
    message: '{variable} is IN (read-only) in {event}',
    hint: 'docs/reference/events.md says in which events a variable may be written.',
    temporary: false,
  },
  ERR_POLICY_VALUE: {
    message: '{variable} = {value}: {reason}',
    hint: 'docs/reference/variables.md lists type, value set and range of each variable.',
    temporary: false,
  },
  ERR_POLICY_UNKNOWN_NAME: {
    message: '{name} is not known in {event}{suggestion}',
    hint: 'docs/reference/events.md lists the variables and methods of each event.',
    temporary: false,
  },
  ERR_POLICY_CLOSED: {
    message: '{name} was used after the handler of {event} had ended',
    hint: 'Await every method before the handler returns; a handler past its deadline has no effect.',
    temporary: false,
  },
  ERR_POLICY_METHOD: {
    message: '{method} in {event}: {reason}',
    hint: 'docs/reference/methods.md describes each method.',
    temporary: false,
  },
  ERR_POLICY_TIMEOUT: {
    message: 'policy "{policy}" did not end {event} within {ms} ms',
    hint: 'Give the handler a larger timeoutMs, or give the slow call a deadline of its own.',
    temporary: true,
  },
  ERR_POLICY_THREW: {
    message: 'policy "{policy}" threw in {event}: {reason}',
    hint: 'Mend the handler; what it had set was taken back and onPolicyFailure decided.',
    temporary: true,
  },
  ERR_POLICY_DISABLED: {
    message: 'policy "{policy}" is disabled: {reason}',
    hint: 'Mend the policy and save the file, or restart Postern.',
    temporary: true,
  },
  ERR_DKIM_KEY: {
    message: '{key}: {file} cannot sign: {reason}',
    hint: 'Name a PEM file with an RSA key of 2048 bits or an Ed25519 key that the user of this process can read.',
    temporary: false,
  },
  ERR_DKIM_SIGN: {
    message: 'the message could not be signed for {domain} with {selector}: {reason}',
    hint: 'Run postern check; the sender was told to try again.',
    temporary: true,
  },
  ERR_QUEUE_WRITE: {
    message: 'the queue could not store the message: {reason}',
    hint: 'Check the disk that holds the data directory; the sender was told to try again.',
    temporary: true,
  },
  ERR_QUEUE_FULL: {
    message: 'the queue has no room: {reason}',
    hint: 'Free disk space, or raise the limit; the sender was told to try again.',
    temporary: true,
  },
  ERR_QUEUE_CORRUPT: {
    message: 'queue entry {queueId} is damaged: {reason}',
    hint: 'It has been set aside; postern queue shows it. Nothing retries it.',
    temporary: false,
  },
  ERR_QUEUE_LOCKED: {
    message: 'the data directory {dir} is in use by process {pid}',
    hint: 'Stop the other Postern, or give this one its own dataDir.',
    temporary: true,
  },
  ERR_QUEUE_OPEN: {
    message: 'the queue in {dir} cannot be opened: {reason}',
    hint: 'Check that the data directory exists, belongs to the user Postern runs as, and has room.',
    temporary: true,
  },
  ERR_QUEUE_VERSION: {
    message: '{file} was written by a newer Postern (version {found}; this one knows {known})',
    hint: 'Start the newer Postern, or give this one its own dataDir.',
    temporary: false,
  },
  ERR_QUEUE_CLOSED: {
    message: 'the queue is closed',
    hint: 'Postern is stopping; the sender was told to try again.',
    temporary: true,
  },
  ERR_DELIVERY_LOCAL: {
    message: 'local delivery to {recipient} failed: {reason}',
    hint: 'Check the Maildir folder and its permissions; the message stays in the queue.',
    temporary: true,
  },
  ERR_DELIVERY_NEXT_HOP: {
    message: '{hop}: {reason}',
    hint: 'A reply code is what the next hop answered; without one the connection failed. postern check tries it.',
    temporary: true,
  },
  ERR_TLS_CERTIFICATE: {
    message: '{file}: {reason}',
    hint: 'Give tls.certificate and tls.key PEM files that belong together; postern check tries them.',
    temporary: false,
  },
  ERR_USERS_FILE: {
    message: 'the users file {file} cannot be used: {reason}',
    hint: 'Mend auth.usersFile, or make the file and its first user with postern user add.',
    temporary: false,
  },
  ERR_TRACE_NOT_FOUND: {
    message: 'no trace of {id}',
    hint: 'Give a reply id, queue id or Message-ID; traces are kept for a limited time (traces.keep).',
    temporary: false,
  },
  ERR_INVARIANT: {
    message: 'internal error: {reason}',
    hint: 'This is a bug of Postern; please report it with the log lines around it.',
    temporary: true,
  },
} as const;

/** Fails to compile when a row of the table lacks a field or has one of a wrong type. */
type Checked<Rows extends Readonly<Record<string, ErrorRow>>> = Rows;

export type ErrorCode = keyof Checked<typeof ERRORS>;

/** Codes that were released once and must not be used again. */
export const RETIRED: readonly string[] = [];

/**
 * The sizes and times of RFC 5321 §4.5.3 under names.
 *
 * The standard gives smallest sizes that everybody must take; where we take more, the number here
 * is ours and says so. Every one is enforced before anything is buffered.
 *
 * Callers: the parsers of this folder and the engine's defaults.
 */

/** RFC 5321 §4.5.3.1.2: a domain name or address literal. */
export const DOMAIN_OCTETS = 255;

/** RFC 1035 §2.3.4: one label of a domain name. */
export const LABEL_OCTETS = 63;

/**
 * RFC 5321 §4.5.3.1.3: a path with its angle brackets. The 64 octets of a local part are a
 * smallest size to accept, and forwarders that encode an address into a local part write longer
 * ones, so the path is the only limit we set.
 */
export const PATH_OCTETS = 256;

/** RFC 5321 §4.5.3.1.4 asks for 512; extensions add parameters, and 4096 holds all of ours. */
export const COMMAND_OCTETS = 4096;

/** RFC 5321 §4.5.3.1.8: at least 100 recipients; this is the most that any message may have. */
export const RECIPIENTS_AT_MOST = 1000;

/** RFC 1870 §4: a declared size has at most twenty digits. */
export const SIZE_DIGITS = 20;

/** RFC 3461 §4.4: an envelope id before its encoding. */
export const ENVID_OCTETS = 100;

/** RFC 3461 §4.2: an original recipient before its encoding. */
export const ORCPT_OCTETS = 500;

/** RFC 5321 §4.5.3.2.7: how long a server waits for the next command, in milliseconds. */
export const COMMAND_WAIT_MS = 300_000;

/**
 * The names and addresses of the policy bench: who sends, from where, and who lists whom.
 *
 * Clients come from the network that RFC 2544 sets aside for benchmarks, because Haraka skips its
 * checks for private and documentation networks. Each list has one client that the other has not,
 * so that a server that asks only one of them is found out.
 */
export const SENDER_DOMAIN = 'sender.example';
export const SENDER = `newsletter@${SENDER_DOMAIN}`;
export const HELO = `mail.${SENDER_DOMAIN}`;
export const RECIPIENT = 'user@receiver.example';
export const RECIPIENT_DOMAIN = 'receiver.example';
export const SELECTOR = 'bench';

export const LISTS = ['one.lists.example', 'two.lists.example'];

/** Of 198.18.0.0/16, without its last 256 addresses, which are for the probes. */
const CLIENTS = 255 * 256;
export const LISTED = ['198.18.255.1', '198.18.255.2'];
/** Allowed by no SPF record, and on no list. */
export const STRANGER = '198.51.110.9';

/** The address of client number `count`; they begin again after 65,280. */
export function clientAddress(count) {
  const number = count % CLIENTS;
  return `198.18.${number >> 8}.${number & 255}`;
}

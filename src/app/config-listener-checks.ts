/**
 * What must hold between the settings of one listener, and between them and the rest.
 *
 * A listener that nobody could use as it is meant, or that would believe everybody, is refused
 * before anything is opened. What may be as intended is left to `postern check`.
 *
 * Callers: config-cross-checks. Nothing here throws. RFC 8314 §3 asks for TLS at submission.
 */
import type { Complain } from './config-origin.js';
import type { Config } from './config-types.js';

type ListenerConfig = Config['listeners'][number];

interface Place {
  readonly listener: ListenerConfig;
  /** `listeners[0]`. */
  readonly section: string;
  readonly config: Config;
}

/** Whether there is any way to TLS on this listener. */
export function hasTls({ tls }: ListenerConfig, config: Config): boolean {
  return tls !== 'never' && config.tls.certificate !== '';
}

function checkTlsUse({ listener, section, config }: Place, complain: Complain): void {
  const { kind, tls } = listener;
  if (kind === 'submissions' && tls !== 'implicit') {
    const reason = `submissions has TLS from the first octet on; with tls ${tls} the kind is submission`;
    complain([`${section}.tls`, `${section}.kind`], reason);
    return;
  }
  if (hasTls(listener, config) || tls === 'never' || tls === 'offered') return;
  const reason = `a listener of kind ${kind} with tls ${tls} needs tls.certificate and tls.key, which are not set`;
  complain([`${section}.tls`, `${section}.kind`], reason);
}

/** Nobody could send through a listener that demands what it does not have. */
function checkAuthUse({ listener, section, config }: Place, complain: Complain): void {
  const { kind, auth, authInClear, trustedNetworks } = listener;
  if (auth !== 'required') return;
  const keys = [`${section}.auth`, `${section}.kind`] as const;
  if (config.auth.usersFile === '') {
    if (trustedNetworks.length > 0) return;
    const reason = `a listener of kind ${kind} with auth required needs auth.usersFile; name a file and add users with "postern user add", or set trustedNetworks`;
    complain(keys, reason);
    return;
  }
  // Where TLS itself is lacking and demanded, that has been said.
  const lacksTls = !hasTls(listener, config) && (listener.tls === 'never' || listener.tls === 'offered');
  if (!lacksTls || authInClear) return;
  const reason =
    'auth is required, but without TLS no password is taken; set tls.certificate, or authInClear: true where nobody can listen on the way';
  complain([`${section}.tls`, ...keys], reason);
}

const isEverybody = (network: string): boolean => network.endsWith('/0');

/** Who may say for others who they are must be known. */
function checkNetworks({ listener, section }: Place, complain: Complain): void {
  const { proxyNetworks, xclientNetworks, trustedNetworks } = listener;
  for (const [index, network] of xclientNetworks.entries()) {
    if (!isEverybody(network)) continue;
    complain(
      [`${section}.xclientNetworks[${index}]`],
      `${network} lets everybody claim to be any client and any user`,
    );
  }
  for (const [index, network] of proxyNetworks.entries()) {
    if (!isEverybody(network) || trustedNetworks.length + xclientNetworks.length === 0) continue;
    const reason = `${network} lets everybody claim an address of trustedNetworks or xclientNetworks`;
    complain([`${section}.proxyNetworks[${index}]`], reason);
  }
}

const SMTP_PORT = 25;

/** RFC 2033 §5: a client of port 25 would speak SMTP. */
function checkPort({ listener, section }: Place, complain: Complain): void {
  if (listener.kind !== 'lmtp' || listener.port !== SMTP_PORT) return;
  complain([`${section}.port`, `${section}.kind`], 'LMTP may not have port 25, which is that of SMTP');
}

export function checkListeners(config: Config, complain: Complain): void {
  for (const [index, listener] of config.listeners.entries()) {
    const place: Place = { listener, section: `listeners[${index}]`, config };
    checkTlsUse(place, complain);
    checkAuthUse(place, complain);
    checkNetworks(place, complain);
    checkPort(place, complain);
  }
}

/**
 * What a listener offers, in a few words, and how to send a first message to it.
 *
 * Callers: app/banner, cli/commands/demo. Reads the configuration only; nothing here throws.
 */
import { hasTls } from './config-listener-checks.js';
import type { Config } from './config-types.js';

type ListenerConfig = Config['listeners'][number];

function tlsWords(listener: ListenerConfig, config: Config): string {
  if (!hasTls(listener, config)) return 'no TLS';
  if (listener.tls === 'implicit') return 'TLS from the start';
  return listener.tls === 'required' ? 'STARTTLS required' : 'STARTTLS';
}

function authWords(listener: ListenerConfig, config: Config): string {
  const { auth, authInClear, tls } = listener;
  const isEncrypted = hasTls(listener, config);
  if (config.auth.usersFile === '') return auth === 'required' ? 'trusted networks only' : 'no AUTH';
  if (auth === 'never' || !(isEncrypted || authInClear)) return 'no AUTH';
  const isAfterwards = tls === 'offered' && isEncrypted && !authInClear;
  const where = isAfterwards ? ' over TLS' : isEncrypted ? '' : ' in clear';
  return `AUTH${where}${auth === 'required' ? ' required' : ''}`;
}

/** `mx, STARTTLS, AUTH over TLS`. */
export function listenerState(listener: ListenerConfig, config: Config): string {
  return `${listener.kind}, ${tlsWords(listener, config)}, ${authWords(listener, config)}`;
}

/** The listener to which `postern demo` can speak: plain SMTP, without a login. */
export function demoListener({ listeners }: Config): ListenerConfig | undefined {
  const isOpen = ({ kind, tls, auth }: ListenerConfig): boolean =>
    kind !== 'lmtp' && (tls === 'never' || tls === 'offered') && auth !== 'required';
  return listeners.find(isOpen);
}

/** The options by which swaks can send to the listener, each with a space before it. */
export function swaksOptions(listener: ListenerConfig, config: Config): string {
  const { kind, tls, auth } = listener;
  const protocol = kind === 'lmtp' ? ' --protocol LMTP' : '';
  const encryption = !hasTls(listener, config) ? '' : tls === 'implicit' ? ' --tls-on-connect' : ' --tls';
  const login = auth === 'required' && config.auth.usersFile !== '' ? ' --auth-user <user>' : '';
  return `${protocol}${tls === 'offered' && login === '' ? '' : encryption}${login}`;
}

/**
 * `postern check`: listeners that are allowed as they are and may still surprise somebody.
 *
 * Callers: app/check. Reads the configuration only, so every finding is a warning.
 */
import type { CheckStep, Finding } from './check-step.js';
import { hasTls } from './config-listener-checks.js';
import { isLoopback } from './config-defaults.js';
import type { Config } from './config-types.js';

interface Place {
  readonly listener: Config['listeners'][number];
  /** `listeners[0]`. */
  readonly section: string;
  readonly config: Config;
}

const warning = (message: string, hint: string): Finding => ({ severity: 'warning', message, hint });

/** Mail of strangers, and passwords, over the network as everybody can read them. */
function clearFindings({ listener, section, config }: Place): readonly Finding[] {
  const { host, authInClear, auth, tls } = listener;
  if (isLoopback(host)) return [];
  const found: Finding[] = [];
  if (tls === 'offered' && !hasTls(listener, config)) {
    const hint = 'Set tls.certificate and tls.key, or tls: never if that is meant.';
    found.push(warning(`${section}: without tls.certificate, mail comes in unencrypted`, hint));
  }
  if (authInClear && auth !== 'never' && config.auth.usersFile !== '') {
    const hint = 'Remove authInClear unless the network between is as safe as the machine itself.';
    found.push(warning(`${section}: passwords may come unencrypted`, hint));
  }
  return found;
}

function proxyFindings({ listener, section }: Place): readonly Finding[] {
  const everybody = listener.proxyNetworks.find((network) => network.endsWith('/0'));
  if (everybody === undefined) return [];
  const hint = 'Name the addresses of the proxies, unless nothing else can reach this listener.';
  return [warning(`${section}: ${everybody} lets everybody claim any address by a PROXY header`, hint)];
}

export const listenersStep: CheckStep = {
  name: 'listeners',
  async run(config) {
    return config.listeners.flatMap((listener, index) => {
      const place: Place = { listener, section: `listeners[${index}]`, config };
      return [...clearFindings(place), ...proxyFindings(place)];
    });
  },
};

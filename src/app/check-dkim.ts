/**
 * `postern check`: can the DKIM keys sign, and will receivers find their public halves in DNS.
 *
 * DNS is read as a receiver reads it, by the code that verifies. What is missing there is a warning,
 * because a key is often made before its record; the record to publish is shown.
 *
 * Callers: app/check.
 */
import { createKeyCache } from '../checks/signatures/key-cache.js';
import { keyRecordName, keyRecordText, type SigningKey } from '../checks/signatures/signing-key.js';
import { mailauthLookups } from '../checks/mailauth-lookups.js';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Resolver } from '../dns/resolver.js';
import type { OpenResolver } from './check-network.js';
import type { CheckStep, Finding } from './check-step.js';
import { type KeySetting, readKeyFile } from './dkim-key-files.js';

function warning(message: string, hint: string): Finding {
  return { severity: 'warning', message, hint };
}

/** What a receiver that looks for the key would find. */
async function publicationFinding(
  section: string,
  key: SigningKey,
  resolver: Resolver,
  clock: Clock,
): Promise<readonly Finding[]> {
  const name = keyRecordName(key);
  const lookups = mailauthLookups(resolver, {});
  const publish = `Publish this as TXT at ${name}: ${keyRecordText(key)}`;
  try {
    const options = { strict: true, hashAlgo: 'sha256' } as const;
    const { publicKey } = await createKeyCache({ clock }).get({ type: 'DKIM', name, options }, lookups);
    const isOurs = typeof publicKey !== 'string' && publicKey.equals(key.publicKey);
    return isOurs ? [] : [warning(`${section}: DNS has another key at ${name}`, publish)];
  } catch (error) {
    if (lookups.hadTrouble()) {
      const hint = 'Try again when DNS answers; signatures are made all the same.';
      return [warning(`${section}: no answer about ${name}`, hint)];
    }
    return [warning(`${section}: receivers find no usable key at ${name}: ${messageOf(error)}`, publish)];
  }
}

async function findingsOf(
  setting: KeySetting,
  section: string,
  resolver: Resolver,
  clock: Clock,
): Promise<readonly Finding[]> {
  const reading = await readKeyFile(setting);
  if (reading.status === 'bad') {
    const message = `${section}: ${setting.keyFile} cannot sign: ${reading.reason}`;
    const hint = 'Name a PEM file with an RSA key of 2048 bits or an Ed25519 key that Postern can read.';
    return [{ severity: 'error', message, hint }];
  }
  const own = reading.warnings.map((reason) =>
    warning(`${section}: ${setting.keyFile}: ${reason}`, 'The key signs all the same.'),
  );
  return [...own, ...(await publicationFinding(section, reading.key, resolver, clock))];
}

export function dkimStep(open: OpenResolver, clock: Clock): CheckStep {
  return {
    name: 'DKIM keys',
    async run(config) {
      if (config.dkim.keys.length === 0) return [];
      const resolver = open(config);
      try {
        const found = config.dkim.keys.map((setting, place) =>
          findingsOf(setting, `dkim.keys[${place}]`, resolver, clock),
        );
        return (await Promise.all(found)).flat();
      } finally {
        resolver.close();
      }
    },
  };
}

/** Every file of dialogs/ against the real engine; see test/helpers/dialog.ts for the words. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type DialogStep, matches, parseDialog, unescape } from '../helpers/dialog.js';
import type { SmtpPeer } from '../helpers/smtp-peer.js';
import { type RunningEngine, startEngine } from '../helpers/start-engine.js';

const FOLDER = new URL('./dialogs/', import.meta.url);

/** Lines of replies that were read and not yet compared. */
type Unread = string[];

async function nextLine(peer: SmtpPeer, unread: Unread): Promise<string> {
  if (unread.length === 0) unread.push(...(await peer.reply()).lines);
  return unread.shift() ?? '';
}

/** The lines as they are, and each folded field as one. */
function headerTexts(header = ''): string[] {
  return [...header.split('\r\n'), ...header.replace(/\r\n(?=[ \t])/g, '').split('\r\n')];
}

function checkMessage(step: DialogStep, running: RunningEngine): void {
  const { messages } = running.intake;
  const last = messages.at(-1);
  const where = `line ${step.line}`;
  switch (step.kind) {
    case 'MESSAGES':
      expect(messages.length, where).toBe(Number(step.text));
      break;
    case 'HEADER':
      expect(
        headerTexts(last?.header).some((text) => matches(step.text, text)),
        `${where}: ${last?.header}`,
      ).toBe(true);
      break;
    case 'NOHEADER':
      expect(
        headerTexts(last?.header).filter((text) => matches(step.text, text)),
        where,
      ).toEqual([]);
      break;
    case 'ENVELOPE':
      expect(last?.entry.envelope, where).toEqual(JSON.parse(step.text));
      break;
    case 'DSN':
      expect(last?.entry.recipients[0]?.dsn, where).toEqual(JSON.parse(step.text));
      break;
    case 'BODY':
      expect(last?.body, where).toBe(unescape(step.text));
      break;
    case 'RCPTS':
      expect(last?.entry.recipients.map((r) => r.address).join(' '), where).toBe(step.text);
      break;
    default:
      expect(last?.entry.sender, where).toBe(step.text);
  }
}

async function play(steps: readonly DialogStep[], running: RunningEngine): Promise<void> {
  const peer = await running.client(false);
  const unread: Unread = [];
  for (const step of steps) {
    if (step.kind === 'C') peer.raw(`${Buffer.from(step.text).toString('latin1')}\r\n`);
    else if (step.kind === 'RAW') peer.raw(unescape(step.text));
    else if (step.kind === 'TLS') await peer.secure();
    else if (step.kind === 'CLOSED') await peer.ended();
    else if (step.kind === 'S' && step.text === '[any]') await peer.reply();
    else if (step.kind === 'S') {
      const line = await nextLine(peer, unread);
      expect(matches(step.text, line), `line ${step.line}: expected ${step.text}, got ${line}`).toBe(true);
    } else checkMessage(step, running);
  }
  expect(unread, 'reply lines nobody expected').toEqual([]);
}

describe('dialogs', () => {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.dialog'))) {
    const dialog = parseDialog(readFileSync(new URL(file, FOLDER), 'utf8'));
    it(`${file}: ${dialog.title}`, async () => {
      const running = await startEngine(dialog.options);
      try {
        await play(dialog.steps, running);
        expect(running.intake.open(), 'bodies left behind').toBe(0);
      } finally {
        await running.stop();
      }
    });
  }
});

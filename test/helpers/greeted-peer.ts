/** A scripted client that has said EHLO; its connection ends with the test. */
import { onTestFinished } from 'vitest';
import { connectPeer, type SmtpPeer } from './smtp-peer.js';

export async function greetedPeer({ port }: { readonly port: number }): Promise<SmtpPeer> {
  const peer = await connectPeer(port);
  onTestFinished(() => {
    peer.destroy();
  });
  await peer.reply();
  await peer.say('EHLO c.test');
  return peer;
}

/** The same, up to the 354 and the first half of a message for b@example.com. */
export async function peerInData(server: { readonly port: number }): Promise<SmtpPeer> {
  const peer = await greetedPeer(server);
  await peer.say('MAIL FROM:<a@example.org>');
  await peer.say('RCPT TO:<b@example.com>');
  await peer.say('DATA');
  peer.raw('Subject: half\r\n\r\nfirst half\r\n');
  return peer;
}

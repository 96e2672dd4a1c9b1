/**
 * What the policy surface has beyond the documents.
 *
 * The comparison leaves these out, and the generated pages mark them.
 */

/** Methods that the documents do not have, and why there are. */
export const ADDED_METHODS: Readonly<Record<string, string>> = {
  checkDKIM: 'DKIM came to be checked by everybody after the documents had been written.',
  checkDMARC: 'DMARC came to be checked by everybody after the documents had been written.',
  checkARC: 'ARC came to be checked by many after the documents had been written.',
  signDKIM: 'Mail that nobody signs came to be refused by many after the documents had been written.',
  checkGreylist: 'Greylisting needs a memory that outlives the session, which a policy of its own has not.',
  checkRate: 'Limits over sessions need counters that all of them share, which a policy of its own has not.',
};

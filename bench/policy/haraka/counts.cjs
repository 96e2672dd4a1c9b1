/**
 * How often a check of Haraka came out as it should; the discarding plugin counts, preload.cjs tells.
 */
module.exports = { lists: 0, spfHelo: 0, spfMail: 0, dkim: 0, messages: 0 };

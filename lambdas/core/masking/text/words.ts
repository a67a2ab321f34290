// Words that say what stands beside them: "SSN: 078051120" is a social security number because of its first word. Looked
// up by hash while the scanner passes, so that a number costs one comparison to know its context. Pure.

/** What a context word announces. The value is its index in the scanner's table of last positions. */
export const SSN = 0;
export const TAX = 1;
export const EIN = 2;
export const ROUTING = 3;
export const ACCOUNT = 4;
export const BIC = 5;
export const PHONE = 6;
export const BIRTH = 7;
export const PASSPORT = 8;
export const LICENCE = 9;
export const PASSWORD = 10;
export const SECRET = 11;
/** Says that numbers beside it are no personal data: order, invoice, version. */
export const REFERENCE = 12;
/** How many of the categories above are contexts that a value can stand in. */
export const CONTEXTS = 13;

// Parts of phrases: they announce nothing alone.
const SOCIAL = 13;
const TAXING = 14;
const EMPLOYER = 15;
const DRIVING = 16;
const ACCESS = 17;
const CALLING = 18;
export const CATEGORIES = 19;

/** Not a context: the word may close (or open) a street name, and the address detector looks. */
export const STREET_SUFFIX = 19;
export const STREET_PREFIX = 20;
/** `-----BEGIN`. */
export const PEM_BEGIN = 21;

/** What a word means: alone, or only within a few characters after a word of `needs`. */
export interface Word {
  readonly gives: number;
  readonly needs: number | null;
}

const WORDS: readonly (readonly [gives: number, words: string, needs?: number])[] = [
  [SSN, 'ssn ssns social socials socialsecurity socialsecuritynumber sozialversicherungsnummer'],
  [SOCIAL, 'social soc'],
  [SSN, 'security sec insurance', SOCIAL],
  [TAX, 'itin itins tin tins taxid taxpayer steuernummer steueridentifikationsnummer'],
  [TAXING, 'tax federal fed'],
  [TAX, 'id ids identification identifier number no', TAXING],
  [EIN, 'ein eins fein feins'],
  [EMPLOYER, 'employer employers business company'],
  [EIN, 'identification ein tax id', EMPLOYER],
  [ROUTING, 'routing aba rtn transit micr fedwire wire routingnumber routingno'],
  [
    ACCOUNT,
    'account accounts acct accts acc a/c konto kontonummer kontonr compte comptes cuenta conto rekening rekeningnummer ' +
      'accountnumber accountno acctno',
  ],
  [BIC, 'bic bics swift swiftcode biccode'],
  [
    PHONE,
    'phone phones telephone tel mobile cell cellphone fax call whatsapp sms telefon telefonnummer handynummer ' +
      'rufnummer telefono movil telefoon mobiel cellulare callback phonenumber phoneno mobilenumber',
  ],
  [CALLING, 'caller callers'],
  [PHONE, 'id number no', CALLING],
  [
    BIRTH,
    'birth birthdate birthday birthdays dob dobs born bday dateofbirth geburtsdatum geburtstag geboren naissance nacimiento nacido ' +
      'nacida nascita nato nata geboortedatum',
  ],
  [
    PASSPORT,
    'passport passports passeport reisepass reisepassnummer pasaporte passaporto paspoort ppt passportnumber passportno',
  ],
  [DRIVING, 'driver drivers driving dl dmv dvla fahrer permis'],
  [LICENCE, 'license licence licenses lic id permit permis conduire number no', DRIVING],
  [LICENCE, 'dl dln fuehrerschein fahrerlaubnis rijbewijs patente driverslicense driverlicense driverslicensenumber'],
  [PASSWORD, 'password passwords passwd passwort passphrase pwd pw psw kennwort contrasena senha motdepasse'],
  [
    SECRET,
    'secret secrets token tokens apikey apikeys bearer basic credential credentials authorization accesskey secretkey sharedkey ' +
      'accesstoken refreshtoken clientsecret secretaccesskey privatekey authtoken sessiontoken',
  ],
  [
    ACCESS,
    'api access secret private signing encryption client auth shared session subscription account master service',
  ],
  [SECRET, 'key keys token secret hash signature sig', ACCESS],
  [
    REFERENCE,
    'order orders invoice invoices ref reference sku part ticket tickets case tracking shipment parcel serial po build ' +
      'version ver release firmware revision rev trace span request commit id ids item model isbn job lot batch',
  ],
  [
    STREET_SUFFIX,
    'street st avenue ave road rd boulevard blvd lane ln drive dr court ct place pl square sq terrace ter way parkway ' +
      'pkwy circle cir highway hwy trail trl close crescent gardens grove mews box',
  ],
  [STREET_PREFIX, 'rue via calle avenida plaza piazza viale corso chemin quai impasse carrer paseo rua praca'],
  [PEM_BEGIN, 'begin'],
];

const MAX_WORD_LENGTH = 32;
const SEED = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** FNV-1a over letters in lower case. */
const hashOf = (text: string, start: number, end: number): number => {
  let hash = SEED;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (text.charCodeAt(at) | 0x20), PRIME);
  return hash;
};

interface Entry {
  readonly word: string;
  readonly meanings: Word[];
}

const SLOTS = 2048;
const table: (Entry | undefined)[] = new Array(SLOTS).fill(undefined);
/** One bit per slot, so that most words are dismissed by one read of a small array. */
const taken = new Uint8Array(SLOTS);

const slotOf = (hash: number): number => (hash ^ (hash >>> 15)) & (SLOTS - 1);

const entryOf = (word: string): Entry => {
  let slot = slotOf(hashOf(word, 0, word.length));
  for (; ; slot = (slot + 1) & (SLOTS - 1)) {
    const found = table[slot];
    if (found?.word === word) return found;
    if (found !== undefined) continue;
    const fresh: Entry = { word, meanings: [] };
    table[slot] = fresh;
    taken[slot] = 1;
    return fresh;
  }
};

for (const [gives, words, needs] of WORDS)
  for (const word of words.split(' ')) entryOf(word).meanings.push({ gives, needs: needs ?? null });

const NONE: readonly Word[] = [];

/** Index of the first three letters of a word, any case; shorter words take in what follows them. */
export const threeAt = (text: string, at: number): number =>
  ((text.charCodeAt(at) & 31) << 10) | ((text.charCodeAt(at + 1) & 31) << 5) | (text.charCodeAt(at + 2) & 31);

/** Marks every word that begins with these letters in a table over {@link threeAt}. */
export const markBeginning = (marks: Uint8Array, letters: string): void => {
  const first = (letters.charCodeAt(0) & 31) << 10;
  const second = (letters.charCodeAt(1) & 31) << 5;
  if (letters.length > 2) marks[first | second | (letters.charCodeAt(2) & 31)] = 1;
  else for (let third = 0; third < 32; third += 1) marks[first | second | third] = 1;
};

export const THREES = 32 * 32 * 32;

/** Which beginnings a word of the table has: all others need no look. */
export const BEGINS_WORD: Uint8Array = (() => {
  const marks = new Uint8Array(THREES);
  for (const [, words] of WORDS) for (const word of words.split(' ')) markBeginning(marks, word);
  return marks;
})();

/** What the word `text[start, end)` means; letters only, any case. */
export const meaningsOf = (text: string, start: number, end: number): readonly Word[] => {
  let slot = slotOf(hashOf(text, start, end));
  if (taken[slot] === 0 || end - start > MAX_WORD_LENGTH) return NONE;
  const word = text.slice(start, end).toLowerCase();
  for (; ; slot = (slot + 1) & (SLOTS - 1)) {
    const found = table[slot];
    if (found === undefined) return NONE;
    if (found.word === word) return found.meanings;
  }
};

// Words that say what stands beside them: "SSN: 078051120" is a social security number because of its first word. English,
// German, French, Spanish, Italian, Dutch and Polish, abbreviations of forms and notes, and element names of ISO 20022. Pure.

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
const IDENTIFYING = 19;
const PASSING = 20;
const WORDING = 21;
const KEYING = 22;
export const CATEGORIES = 23;

// Points: the word is no context, and a detector or reader looks at what stands around it.
/** May close (or open) a street name. */
export const STREET_SUFFIX = 23;
export const STREET_PREFIX = 24;
/** `-----BEGIN`. */
export const PEM_BEGIN = 25;
/** Means a password only where one is assigned: "pass: …", but not "pass: 12 tests". */
export const PASS = 26;
/** `IDENTIFIED BY '…'`. */
export const IDENTIFIED = 27;
/** A command that takes `user:password`. */
export const COMMAND = 28;
/** `VALUES (…)` of an SQL statement. */
export const ROWS = 29;
/** Tells a birth where a date follows; a name may follow as well ("geb. Müller"). */
export const BORN = 30;

/** What a word means: alone, within a few characters after a word of `needs`, or right before one of the marks `before`. */
export interface Word {
  readonly gives: number;
  readonly needs: number | null;
  readonly before: string | null;
}

export type Words = readonly [gives: number, words: string, needs?: number | null, before?: string];

/** As they are spelled; {@link meaningsOf} knows those with accents without them as well. */
export const WORDS: readonly Words[] = [
  [SSN, 'ssn ssns social socials socialsecurity socialsecuritynumber socsec ssan nss sozialversicherungsnummer'],
  [SOCIAL, 'social soc scl ss sécurité'],
  [SSN, 'security sec insurance scty sociale number no num nbr', SOCIAL],
  [SSN, 'ss', null, '#'],
  [TAX, 'itin itins tin tins taxid taxpayer steuernummer steueridentifikationsnummer'],
  [TAXING, 'tax federal fed'],
  [TAX, 'id ids identification identifier number no', TAXING],
  [EIN, 'ein eins fein feins ftin'],
  [EMPLOYER, 'employer employers business company'],
  [EIN, 'identification ein tax id', EMPLOYER],
  [IDENTIFYING, 'identification identificación identificazione'],
  [EIN, 'empleador employeur employer', IDENTIFYING],
  [ROUTING, 'routing aba rtn rtg r/t transit micr fedwire wire usaba fw ruta rdfi odfi'],
  [
    ACCOUNT,
    'account accounts acct accts acc a/c konto kto girokonto sparkonto compte comptes cuenta ' +
      'cta conto rekening spaarrekening betaalrekening rachunek rachunku konta dda rib bban accnt acnt kundenkonto ' +
      'referenzkonto verrechnungskonto gehaltskonto darlehenskonto kreditkonto tagesgeldkonto',
  ],
  [BIC, 'bic bics bicfi swift swiftcode biccode'],
  [
    PHONE,
    'phone phones telephone tel mobile cell cellphone fax call whatsapp sms telefon telefonnummer handynummer ' +
      'rufnummer rückruf festnetz telefono movil teléfono móvil tél téléphone telefoon mobiel cellulare telefonu callback ' +
      'msisdn ph mob landline tlf tfno telf natel gsm komórka',
  ],
  [CALLING, 'caller callers'],
  [PHONE, 'id number no', CALLING],
  [
    BIRTH,
    'birth birthdate birthday birthdays dob dobs born bday dateofbirth ofbirth geburtsdatum geburtstag geboren naissance ' +
      'nacimiento nacido nacida nascita nato nata geboortedatum urodzenia urodzony urodzona nascimento brth brthdt birthdt gebdat gebdatum ddn naiss fnac fecnac',
  ],
  [
    PASSPORT,
    'passport passports passeport reisepass reisepaß pasaporte passaporto paspoort paszport ' +
      'paszportu ppt pspt passp passprt pport',
  ],
  [PASSPORT, 'pp', null, '#'],
  [PASSING, 'pass travel'],
  [PASSPORT, 'nr nummer document', PASSING],
  [
    DRIVING,
    'driver drivers driving dl dmv dvla drvr drvrs drv fahrer permis permiso licencia carnet carné prawo prawa',
  ],
  [LICENCE, 'license licence licenses lic id permit permis conduire conducir conducción jazdy number no', DRIVING],
  [LICENCE, 'dl d/l dln führerschein fuehrerschein fahrerlaubnis rijbewijs patente driverslicense driverlicense'],
  [
    PASSWORD,
    'password passwords passwd passwort passphrase pwd pw psw kennwort contraseña senha motdepasse wachtwoord hasło hasła mdp ' +
      'pswd passwrd pword psswd p/w startpasswort initialpasswort einmalpasswort einmalkennwort',
  ],
  [WORDING, 'mot'],
  [PASSWORD, 'passe', WORDING],
  [PASS, 'pass passcode clave parola'],
  [BORN, 'geb ur nac né née'],
  [IDENTIFIED, 'identified'],
  [COMMAND, 'curl wget'],
  [ROWS, 'values'],
  [
    SECRET,
    'secret secrets token tokens apikey apikeys bearer basic credential credentials authorization accesskey secretkey sharedkey ' +
      'accesstoken refreshtoken clientsecret secretaccesskey privatekey authtoken sessiontoken session sessionid jsessionid sid jeton ' +
      'geheimnis secreto segreto sekret zugriffstoken zugriffsschlüssel apischlüssel appkey appsecret',
  ],
  [
    ACCESS,
    'api access secret private signing encryption client auth shared session subscription account master service hmac zugriffs ' +
      'app application consumer webhook callback deploy sandbox partner geheimer geheime secrète secreta segreta tajny',
  ],
  [SECRET, 'key keys token secret hash signature sig schlüssel schluessel clé cle clave chiave sleutel klucz', ACCESS],
  [KEYING, 'clé cle clave chiave klucz sleutel schlüssel'],
  [SECRET, 'api', KEYING],
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

/** Written as one word with what they count: `PASSPORTNO`, `acctnbr`, "Rijbewijsnummer". */
export const NUMBERED: readonly Words[] = [
  [SSN, 'ssn ss'],
  [TAX, 'itin tin'],
  [EIN, 'ein fein'],
  [ROUTING, 'routing aba rtn'],
  [ACCOUNT, 'account acct acc konto rekening depot'],
  [BIC, 'bic swift'],
  [PHONE, 'phone tel mobile telefon telefoon'],
  [PASSPORT, 'passport ppt reisepass pass paspoort'],
  [LICENCE, 'driverslicense driverlicense dl führerschein fuehrerschein rijbewijs'],
];
export const NUMBER_ENDINGS: readonly string[] = ['number', 'no', 'nbr', 'num', 'nr', 'nummer'];

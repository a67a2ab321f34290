// What may stand between a label and its value without making it speak of something else: "account no. (new): 123", but
// not "account opened on 2024…". Pure.

const FILLERS =
  'number numbers no nos nr num nbr nb nummer numero numéro número nº n° º ª is was are und and or the id ids code kod from of to ' +
  'ending in with for checking savings current bank banque banca banco banku beneficiary intermediary correspondent debit credit ' +
  'new old my his her their our your customer client holder payee payer remitter sender recipient receiver odbiorcy nadawcy ' +
  'empfängerbank s d de der die das des dem den van von del della dell di da do du la le les los las el il lo het au al en ten tnv ' +
  'corrente corriente courant guida conduire conducir othr n val value lautet ist est es at on me us him them home work office cell ' +
  'mobile mob private business primary secondary contact unter an back state card issued valid eur usd gbp when you address';

const FILLER_WORDS: ReadonlySet<string> = new Set(FILLERS.split(' '));
const MARKS = /^[\s"'’`*:=#>,.()|/\\[\]+;?_‘“”°«»<-]*$/;

/** Whether a gap holds nothing but words and marks of that kind, or a label's longer wording that ends in a colon. */
export const isLabelGap = (gap: string): boolean => {
  const words = gap.match(/\p{L}+/gu) ?? [];
  if (!MARKS.test(gap.replace(/\p{L}+/gu, ''))) return false;
  return words.every((word) => FILLER_WORDS.has(word.toLowerCase())) || isWordedLabel(gap, words);
};

/** Words that make a label speak of something else than the value: "account opened: …", "phone queue: …". */
const SHIFTS =
  'type types status count counts total totals sum balance balances amount amounts limit limits fee fees cost costs price rate date ' +
  'dates time times since opened opening created closed closing updated changed expiry expires expiring expired volume volumes queue ' +
  'batch order orders invoice invoices ref reference references tracking case ticket branch version request policy rules length days ' +
  'weeks minutes hours processed reviewed migrated page pages rows records lines digits characters reset resets attempts score saldo ' +
  'stand betrag datum solde montant importe saldi importo bedrag kwota data item items job trace transaction transactions payment ' +
  'payments size bytes duration calls model models manager executive officer team eröffnet geschlossen erstellt ouvert abierta ' +
  'aperto geopend otwarte from where';
const SHIFT_WORDS: ReadonlySet<string> = new Set(SHIFTS.split(' '));
const ENDS_LABEL = /:\s{0,2}["'“‘(]?$/;
const BREAKS_LABEL = /[\n\r,;|?<>]|[.:=]\s?[^\s"'“‘(:=]/;
const MAX_WORDS = 6;

/** "Passport number as shown in the MRZ: …" */
const isWordedLabel = (gap: string, words: readonly string[]): boolean =>
  words.length <= MAX_WORDS &&
  ENDS_LABEL.test(gap) &&
  !BREAKS_LABEL.test(gap) &&
  !words.some((word) => SHIFT_WORDS.has(word.toLowerCase()));

// What may stand between a label and its value without making it speak of something else: "account no. (new): 123", but
// not "account opened on 2024…". Pure.

const FILLERS =
  'number numbers no nos nr num nummer numero numéro is was are und and or the id ids code of to from ending in with for ' +
  'checking savings current bank beneficiary debit credit new old my his her their our your customer client holder s d de ' +
  'n val value lautet ist est es at on me us him them home work office cell mobile mob private business primary ' +
  'secondary contact unter au al an back state card issued valid eur usd gbp when you address';

const FILLER_WORDS: ReadonlySet<string> = new Set(FILLERS.split(' '));
const MARKS = /^[\s"'’`*:=#>,.()|/\\[\]+&;?_‘“”-]*$/;

/** Whether a gap holds nothing but words and marks of that kind. */
export const isLabelGap = (gap: string): boolean => {
  const words = gap.match(/\p{L}+/gu) ?? [];
  return words.every((word) => FILLER_WORDS.has(word.toLowerCase())) && MARKS.test(gap.replace(/\p{L}+/gu, ''));
};

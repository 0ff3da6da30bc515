export { asFields, asList, asNumber, asText, asTexts } from '../../platform/json-values.ts';

/** In the data folder, lists as in the setting `daochain.trust.rules`: what the editor writes, and what only the command writes. */
export const editorsRuleFile = 'trust.json';
export const commandsRuleFile = 'trust.local.json';

import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startServer } from './server';

// Without its editor the server has nobody to serve; the library would notice only seconds later.
process.once('disconnect', () => process.exit(0));

startServer(createConnection(ProposedFeatures.all));

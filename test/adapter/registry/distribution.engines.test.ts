import { newestRegistry } from '../../../scripts/dev/components/distribution';
import { goProgramPath } from '../../../scripts/dev/components/goProgram';
import { behavesAsDistribution } from './distributionBehaviour';

describe('the registry of the distribution project, 3', () => {
  behavesAsDistribution(goProgramPath(newestRegistry));
});

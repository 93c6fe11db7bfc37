import { newestRegistryProgram } from '../../../scripts/dev/components/distribution';
import { behavesAsDistribution } from './distributionBehaviour';

describe('the registry of the distribution project, 3', () => {
  behavesAsDistribution(newestRegistryProgram());
});

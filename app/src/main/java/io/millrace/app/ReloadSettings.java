/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import io.millrace.engine.reload.ConfigurationFiles;
import java.time.Duration;
import java.util.Optional;

/**
 * Where an agent's configuration comes from while it runs. Immutable.
 *
 * @param fingerprint of the files before they were read for the start
 * @param pollInterval between two looks at them; empty for no look that nobody asks for
 */
record ReloadSettings(
    ConfigurationFiles files, String fingerprint, Optional<Duration> pollInterval) {}

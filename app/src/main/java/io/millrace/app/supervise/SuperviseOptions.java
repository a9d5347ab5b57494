/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How an agent is looked after. Immutable.
 *
 * @param health where it says that it lives; without, only its end is noticed
 * @param healthInterval time from one question to the next
 * @param healthTimeout how long an answer may take
 * @param healthMisses so many questions in a row without an answer, and the agent is killed
 * @param startGrace how long a started agent may take until its first answer
 * @param stopLimit how long an orderly stop may take before the agent is killed
 * @param restarts when an agent that ended is started again
 * @param crashDirectory where records of unexpected ends go; empty: none are kept
 * @param crashKeep most records kept; the oldest go
 */
record SuperviseOptions(
    Optional<URI> health,
    Duration healthInterval,
    Duration healthTimeout,
    int healthMisses,
    Duration startGrace,
    Duration stopLimit,
    RestartPolicy restarts,
    Optional<Path> crashDirectory,
    int crashKeep) {}

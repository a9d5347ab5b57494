/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Changes of the configuration while an agent runs: when the files are read again, and what comes
 * of it.
 */
package io.millrace.engine.reload;

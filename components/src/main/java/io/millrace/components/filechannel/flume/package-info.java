/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Takes over the directories of Apache Flume's file channel: moves its files aside, finds the
 * events that were still in the channel, and serves them from where they are until all are
 * delivered.
 */
package io.millrace.components.filechannel.flume;

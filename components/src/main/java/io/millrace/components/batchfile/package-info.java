/* SPDX-License-Identifier: Apache-2.0 */
/** Files of events as they are: written by the serializer millrace_batch, read by replays. */
package io.millrace.components.batchfile;

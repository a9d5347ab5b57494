/* SPDX-License-Identifier: Apache-2.0 */
/** A real HDFS in one process, for the demo, the tests and the bench. */
package io.millrace.servers.hdfs;

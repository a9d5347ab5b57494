/* SPDX-License-Identifier: Apache-2.0 */
/** The HDFS sink, on every file system that Hadoop knows. */
package io.millrace.connectors.hadoop;

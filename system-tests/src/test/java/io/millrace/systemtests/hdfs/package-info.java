/* SPDX-License-Identifier: Apache-2.0 */
/** The packaged agent on a real HDFS. */
package io.millrace.systemtests.hdfs;

/* SPDX-License-Identifier: Apache-2.0 */
/** The file channel, over the journal. */
package io.millrace.components.filechannel;

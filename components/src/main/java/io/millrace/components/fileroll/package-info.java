/* SPDX-License-Identifier: Apache-2.0 */
/** The sink of local files, rolled by time. */
package io.millrace.components.fileroll;

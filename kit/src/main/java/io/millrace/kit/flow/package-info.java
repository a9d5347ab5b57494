/* SPDX-License-Identifier: Apache-2.0 */
/** Batches on their way from a source to the channels. */
package io.millrace.kit.flow;

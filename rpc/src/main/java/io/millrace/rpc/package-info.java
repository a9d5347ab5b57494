/* SPDX-License-Identifier: Apache-2.0 */
/** Hop protocols: frame, session, transport. */
package io.millrace.rpc;

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a channel remembers of those who send to it, so that it takes each event once. See
 * docs/decisions/0011-exactly-once-between-hops.md.
 */
package io.millrace.components.ledger;

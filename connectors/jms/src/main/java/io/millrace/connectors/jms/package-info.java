/* SPDX-License-Identifier: Apache-2.0 */
/** The JMS source. */
package io.millrace.connectors.jms;

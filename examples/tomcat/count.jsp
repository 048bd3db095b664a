<%@ page contentType="text/plain" trimDirectiveWhitespaces="true" %>
<%-- SPDX-License-Identifier: Apache-2.0 --%>
<%-- Counts in the client's session, which no other instance knows. --%>
<%
    final String instance = System.getProperty("instance.name");
    synchronized (session) {
        final Object before = session.getAttribute("count");
        session.setAttribute("count", before == null ? 1 : (Integer) before + 1);
    }
    response.setHeader("X-Member", instance);
%>
instance <%= instance %>
count <%= session.getAttribute("count") %>
again <%= response.encodeURL("/count.jsp") %>

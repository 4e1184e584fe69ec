// Draws the book's diagrams. mdBook shows a block ```mermaid as code; the bundle beside this file draws it.
for (const code of document.querySelectorAll("code.language-mermaid")) {
    const picture = document.createElement("pre");
    picture.className = "mermaid";
    picture.textContent = code.textContent;
    code.closest("pre").replaceWith(picture);
}
mermaid.initialize({ startOnLoad: false, securityLevel: "strict", theme: "neutral" });
mermaid.run();

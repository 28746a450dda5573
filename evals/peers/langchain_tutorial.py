"""LangChain as its tutorial builds it: "Build a RAG agent with LangChain" (docs.langchain.com,
oss/python/langchain/rag), its sections on splitting, storing, and the two-step "RAG chain".

As there: `RecursiveCharacterTextSplitter` with 1,000 characters and an overlap of 200, the vector store of the page's
first tab (`InMemoryVectorStore`), `similarity_search` for the question as it is. Otherwise than there: the embedding
model, and 30 passages where the chain takes four. The model that writes is left out; the chain gives it the passages
as they are found.
"""

from __future__ import annotations

from pathlib import Path

from langchain_core.documents import Document
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from evals.peers.exchange import Found, Passage, Question, read_articles, serve

PASSAGES = 30
"""About 140 words each."""


class LangChainTutorial:
    """Implements `System`."""

    def __init__(self, model: Path, folder: Path) -> None:
        self._folder = folder
        self._splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200, add_start_index=True)
        self._store = InMemoryVectorStore(HuggingFaceEmbeddings(model_name=str(model)))

    def ingest(self, articles: Path) -> None:
        documents = [Document(page_content=a.text, metadata={"article_id": a.id}) for a in read_articles(articles)]
        self._store.add_documents(documents=self._splitter.split_documents(documents))

    def save(self) -> None:
        self._store.dump(str(self._folder / "store.json"))

    def find(self, question: Question) -> Found:
        documents = self._store.similarity_search(question.text, k=PASSAGES)
        return Found(tuple(Passage(d.metadata["article_id"], d.page_content) for d in documents))


if __name__ == "__main__":
    serve(LangChainTutorial, ("langchain", "langchain-core", "langchain-huggingface", "langchain-text-splitters"))

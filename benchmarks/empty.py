"""The least that a route of FastAPI can do."""

from fastapi import FastAPI, Response

app = FastAPI()


@app.get("/")
async def empty() -> Response:
    return Response()

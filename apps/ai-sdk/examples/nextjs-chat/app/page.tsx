import { Chat } from "../chat/chat";

export default function Page() {
  return <Chat />;
}
